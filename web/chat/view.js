/** What pages are made of: elements, the texts in the reader's language, times and pictures. */
import english from './languages/en.js';

/** Text is always text, never HTML. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else if (value || value === '') made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children.flat().filter(Boolean));
  return made;
}

const others = { am: () => import('./languages/am.js') };
// Our pages stand in English until here; others say which language they have.
const ours = document.querySelectorAll('[data-nati-text]');
const language = [ours.length ? '' : document.documentElement.lang, ...navigator.languages]
  .map((tag) => tag.slice(0, 2)).find((tag) => tag === 'en' || others[tag]);

export const texts = { ...english };
if (others[language]) {
  const { page, ...own } = (await others[language]()).default;
  Object.assign(texts, own);
  for (const { dataset, firstChild } of ours) firstChild.nodeValue = page[dataset.natiText] ?? firstChild.nodeValue;
  if (ours.length) document.documentElement.lang = language;
}

export const time = (timestamp) => new Date(timestamp).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });

export const daysAgo = (timestamp) => Math.round((new Date().setHours(0, 0, 0, 0) - new Date(timestamp).setHours(0, 0, 0, 0)) / 86_400_000);

export const day = (timestamp) => [texts.today, texts.yesterday][daysAgo(timestamp)]
  ?? new Date(timestamp).toLocaleDateString([], { day: 'numeric', month: 'long', year: 'numeric' });

export const siteRoot = new URL('../', import.meta.url);

export function avatar({ name, avatar: picture }) {
  const initials = name.trim().split(/\s+/u).slice(0, 2).map((word) => [...word][0]).join('').toUpperCase();
  const shown = element('span', { class: 'avatar', 'aria-hidden': 'true' }, initials);
  shown.style.setProperty('--hue', [...name].reduce((sum, character) => (sum * 31 + character.codePointAt(0)) % 360, 7));
  if (picture) shown.append(element('img', { alt: '', loading: 'lazy', src: new URL(picture, siteRoot), onerror: ({ target }) => target.remove() }));
  return shown;
}

export function linked(text) {
  return text.split(/(https?:\/\/[^\s<>"']+[^\s<>"'.,:;!?)\]])/iu).map((part, index) => (index % 2
    ? element('a', { href: part, target: '_blank', rel: 'noopener noreferrer nofollow' }, part) : part));
}
