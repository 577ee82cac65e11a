/** How people, times and texts are shown. */
import { element } from './elements.js';
import { texts } from './texts.js';

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const date = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' });
const shortDate = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });

/** The time of day in the reader's own zone. */
export const time = (timestamp) => clock.format(new Date(timestamp));

const dayNumber = (moment) => new Date(moment.getFullYear(), moment.getMonth(), moment.getDate()).getTime();

/** The day: today, yesterday or its date. */
export function day(timestamp) {
  const days = Math.round((dayNumber(new Date()) - dayNumber(new Date(timestamp))) / 86_400_000);
  return days === 0 ? texts.today : days === 1 ? texts.yesterday : date.format(new Date(timestamp));
}

/** The time if it was today, else the day. */
export function moment(timestamp) {
  const then = new Date(timestamp);
  return dayNumber(then) === dayNumber(new Date()) ? clock.format(then) : shortDate.format(then);
}

/** The picture of a person, or their initials. */
export function avatar(person) {
  const name = person?.name || '?';
  const initials = [...name.trim().split(/\s+/u)].slice(0, 2).map((word) => [...word][0]).join('');
  const hue = [...name].reduce((sum, character) => (sum * 31 + character.codePointAt(0)) % 360, 7);
  const shown = element('span', { class: 'avatar', 'aria-hidden': 'true' }, initials.toUpperCase());
  shown.style.setProperty('--hue', hue);
  if (person?.avatar) {
    const picture = element('img', { alt: '', loading: 'lazy', src: new URL(person.avatar, siteRoot).href });
    picture.addEventListener('error', () => picture.remove());
    shown.append(picture);
  }
  return shown;
}

/** The root of the site: pictures are named from there. */
export const siteRoot = new URL('../', import.meta.url);

const address = /https?:\/\/[^\s<>"']+[^\s<>"'.,:;!?)\]]/giu;

/** A text with its addresses made links. */
export function linked(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(address)) {
    parts.push(text.slice(end, match.index));
    parts.push(element('a', { href: match[0], target: '_blank', rel: 'noopener noreferrer nofollow' }, match[0]));
    end = match.index + match[0].length;
  }
  parts.push(text.slice(end));
  return parts;
}

/** Whether somebody is there, in words. */
export function presence(person) {
  if (person?.online) return texts.online;
  return person?.last_seen ? texts.lastSeen(moment(person.last_seen)) : texts.offlineNow;
}
