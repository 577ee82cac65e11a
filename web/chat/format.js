/** How lists show times and who is there. */
import { daysAgo, texts, time } from './view.js';

/** The time if it was today, else the day. */
export const moment = (timestamp) => (daysAgo(timestamp) === 0 ? time(timestamp)
  : new Date(timestamp).toLocaleDateString([], { day: 'numeric', month: 'short' }));

/** Whether somebody is there, in words. */
export function presence(person) {
  if (person.online) return texts.online;
  return person.last_seen ? texts.lastSeen(moment(person.last_seen)) : texts.offlineNow;
}
