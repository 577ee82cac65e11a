/** What every page of somebody who is logged in has: who it is, the header, the bell, the banner. */
import { Client } from './client.js';
import { Live } from './live.js';
import { Notices } from './notices.js';
import { Outbox } from './outbox.js';
import { avatar, siteRoot } from './format.js';
import { element } from './elements.js';
import { texts } from './texts.js';

/** The address of a page of ours. */
export const page = (path) => new URL(path, siteRoot).href;

/**
 * Begins a page: who acts in this role, and the parts that all of them share. Leads to the log-in if
 * nobody does.
 */
export async function begin(role) {
  const client = new Client(role);
  let me;
  try {
    me = (await client.get('auth/me')).user;
  } catch (error) {
    if (error.status !== 401 && error.status !== 403) throw error;
    location.replace(logIn());
    return new Promise(() => {});
  }
  const live = new Live(client, me);
  const shared = { client, live, me, outbox: new Outbox(client, me), notices: new Notices({ live, me, client }) };
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

/** The bell: how many messages are unread, and in which chats; sound and notices are set here. */
function bell({ client, live, notices }) {
  const count = element('span', { class: 'badge', hidden: true });
  const label = element('span', { class: 'hidden-text' }, texts.notifications);
  const menu = element('div', { class: 'menu', hidden: true });
  const button = element('button', { type: 'button', class: 'bell', 'aria-expanded': 'false', 'data-bell': true }, element('span', { class: 'bell-icon', 'aria-hidden': 'true' }), count, label);
  const root = element('div', { class: 'bell-place' }, button, menu);
  const close = () => {
    menu.hidden = true;
    button.setAttribute('aria-expanded', 'false');
  };
  const toggles = () => [
    element('button', { type: 'button', class: 'quiet', 'data-sound': true, onclick: (event) => { event.target.textContent = notices.toggleSound() ? texts.soundOn : texts.soundOff; } }, notices.wantsSound ? texts.soundOn : texts.soundOff),
    element('button', { type: 'button', class: 'quiet', 'data-notices': true, onclick: async (event) => { event.target.textContent = await notices.toggleNotices() ? texts.noticesOn : texts.noticesOff; } }, notices.wantsNotices ? texts.noticesOn : texts.noticesOff),
  ];
  button.addEventListener('click', async () => {
    if (!menu.hidden) return close();
    menu.hidden = false;
    button.setAttribute('aria-expanded', 'true');
    menu.replaceChildren(...toggles());
    const { chats } = await client.get('chat/list', { status: 'active' }).catch(() => ({ chats: [] }));
    const unread = chats.filter((chat) => chat.unread_count);
    menu.prepend(unread.length
      ? element('ul', {}, unread.map((chat) => element('li', {}, element('button', {
        type: 'button', class: 'quiet',
        onclick: () => {
          close();
          dispatchEvent(new CustomEvent('nati-chat-open', { detail: chat.chat_id }));
        },
      }, element('strong', { dir: 'auto' }, chat.other?.name ?? texts.noSubject), ` ${texts.unread(chat.unread_count)}`))))
      : element('p', { class: 'empty' }, texts.nothingNew));
  });
  root.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      close();
      button.focus();
    }
  });
  document.addEventListener('click', (event) => {
    if (!root.contains(event.target)) close();
  });
  live.addEventListener('events', ({ detail }) => {
    const { total } = detail.unread;
    count.hidden = !total;
    count.textContent = total > 99 ? '99+' : String(total);
    label.textContent = total ? `${texts.notifications}: ${texts.unread(total)}` : texts.notifications;
  });
  return root;
}

/** Shows what a form's request said, beside the form. */
export async function submitted(form, run) {
  const told = form.querySelector('[role=alert]');
  const button = form.querySelector('[type=submit]');
  told.textContent = '';
  told.className = 'told';
  button.disabled = true;
  try {
    const said = await run(Object.fromEntries(new FormData(form)));
    if (said) told.textContent = said;
    told.classList.add('good');
  } catch (error) {
    told.textContent = error.message && error.status ? error.message : texts.wrong;
  } finally {
    button.disabled = false;
  }
}
