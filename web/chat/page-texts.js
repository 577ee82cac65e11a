/** Adds the texts of the pages to those of the conversations; a translation goes before. */
import english from './languages/en-pages.js';
import { texts } from './view.js';

for (const [name, text] of Object.entries(english)) texts[name] ??= text;
