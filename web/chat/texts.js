/** The texts in the reader's language: that of the page (`lang`), else that of the browser. */
import english from './languages/en.js';

const known = { am: () => import('./languages/am.js') };
const language = [document.documentElement.lang, ...navigator.languages]
  .map((tag) => (tag || '').split('-')[0].toLowerCase())
  .find((tag) => tag === 'en' || known[tag]);

export const texts = { ...english };
if (known[language]) Object.assign(texts, (await known[language]()).default);
