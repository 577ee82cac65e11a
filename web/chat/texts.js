/**
 * The texts in the reader's language: the first of the browser's that there is. A page of another site
 * that names its own (`lang`) decides for the widget.
 */
import english from './languages/en.js';

const known = { am: () => import('./languages/am.js') };
const isOurs = Boolean(document.querySelector('[data-nati-text]'));
const language = [...(isOurs ? [] : [document.documentElement.lang]), ...navigator.languages]
  .map((tag) => (tag || '').split('-')[0].toLowerCase())
  .find((tag) => tag === 'en' || known[tag]);

export const texts = { ...english };
if (known[language]) {
  const { page, ...others } = (await known[language]()).default;
  Object.assign(texts, others);
  // The pages stand in English until here.
  for (const node of document.querySelectorAll('[data-nati-text]')) {
    node.firstChild.nodeValue = page[node.dataset.natiText] ?? node.firstChild.nodeValue;
  }
  document.documentElement.lang = language;
}
