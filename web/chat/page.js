/** What every page of somebody who is logged in has: who it is, the header, the bell, the banner. */
import './page-texts.js';
import { bell } from './bell.js';
import { Client, Live, Outbox } from './connection.js';
import { Notices } from './notices.js';
import { Preferences } from './preferences.js';
import { avatar, element, siteRoot, texts } from './view.js';

/** The address of a page of ours. */
export const page = (path) => new URL(path, siteRoot).href;

/**
 * Begins a page: who acts in this role, and the parts that all of them share. Leads to the log-in if
 * nobody does.
 */
export async function begin(role) {
  const client = new Client(role);
  let me, values;
  try {
    [{ user: me }, { preferences: values }] = await Promise.all([client.get('auth/me'), client.get('chat/preferences')]);
  } catch (error) {
    if (error.status !== 401 && error.status !== 403) throw error;
    location.replace(logIn());
    return new Promise(() => {});
  }
  const live = new Live(client, me);
  const preferences = new Preferences(client, me, values);
  const shared = { client, live, me, preferences, outbox: new Outbox(client, me), notices: new Notices({ live, me, client, preferences }) };
  showBanner(live);
  showAccount(shared);
  addEventListener('pagehide', (event) => {
    if (!event.persisted) live.stop();
  });
  return shared;
}

const logIn = () => `${page('login')}?next=${encodeURIComponent(location.pathname + location.search)}`;

function showBanner(live) {
  const banner = element('div', { class: 'banner', role: 'status', hidden: true });
  document.body.prepend(banner);
  const show = () => {
    if (live.state === 'signed-out') {
      banner.replaceChildren(texts.signedOut, ' ', element('a', { href: logIn() }, texts.logInAgain));
    } else {
      banner.textContent = navigator.onLine ? texts.reconnecting : texts.offline;
    }
    banner.hidden = live.state === 'online' && navigator.onLine;
  };
  live.addEventListener('state', show);
  addEventListener('online', show);
  addEventListener('offline', show);
}

function showAccount(shared) {
  const place = document.querySelector('[data-account]');
  if (!place) return;
  const { client, me } = shared;
  place.append(
    bell(shared),
    element('span', { class: 'who' }, avatar(me), element('span', { dir: 'auto', class: 'who-name' }, me.name)),
    element('button', {
      type: 'button', class: 'quiet',
      onclick: async () => {
        await client.post('auth/logout').catch(() => {});
        location.assign(page('login'));
      },
    }, texts.logOut));
}
