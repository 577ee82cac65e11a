/** The bell: what the person has not seen yet; sound and notices are set here. */
import { moment } from './format.js';
import { preferencesForm } from './preferences.js';
import { element, siteRoot, texts } from './view.js';

const pages = { user: 'customer/chat', worker: 'worker', admin: 'admin-chat' };

export function bell({ client, live, me, notices, preferences }) {
  const count = element('span', { class: 'badge', hidden: true });
  const label = element('span', { class: 'hidden-text' }, texts.notifications);
  const list = element('ul', {});
  const none = element('p', { class: 'empty' }, texts.nothingNew);
  const all = element('button', { type: 'button', class: 'quiet', onclick: () => read({}) }, texts.readAll);
  const toggle = (name, label, change) => element('button', {
    type: 'button', class: 'quiet', [`data-${name}`]: true,
    onclick: async ({ currentTarget: pressed }) => {
      await change().catch(() => {});
      pressed.textContent = label();
    },
  });
  const sound = () => (notices.wantsSound ? texts.soundOn : texts.soundOff);
  const shown = () => (notices.wantsNotices ? texts.noticesOn : texts.noticesOff);
  const toggles = [[toggle('sound', sound, () => notices.toggleSound()), sound], [toggle('notices', shown, () => notices.toggleNotices()), shown]];
  const settings = preferencesDialog(preferences);
  const menu = element('div', { class: 'menu', hidden: true }, list, none, all,
    element('div', { class: 'switches' }, toggles.map(([button]) => button),
      element('button', { type: 'button', class: 'quiet', 'data-settings': true, onclick: () => settings.open() }, texts.settings)));
  const button = element('button', { type: 'button', class: 'bell', 'aria-expanded': 'false', 'data-bell': true }, element('span', { class: 'bell-icon', 'aria-hidden': 'true' }), count, label);
  const root = element('div', { class: 'bell-place' }, button, menu, settings.root);

  const close = () => {
    menu.hidden = true;
    button.setAttribute('aria-expanded', 'false');
  };
  const show = async () => {
    const { notifications } = await client.get('chat/notifications', { limit: 20 });
    list.replaceChildren(...notifications.map(item));
    none.hidden = notifications.length > 0;
    all.hidden = notifications.every((each) => each.is_read);
  };
  const read = async (fields) => {
    await client.post('chat/notifications/read', fields).catch(() => {});
    if (!menu.hidden) await show().catch(() => {});
  };
  const item = (notification) => element('li', { class: notification.is_read ? '' : 'is-new' }, element('button', {
    type: 'button', class: 'quiet',
    onclick: () => {
      close();
      read({ notification_id: notification.notification_id });
      // A page without chats leads to the one that has them.
      if (dispatchEvent(new CustomEvent('nati-chat-open', { detail: notification.chat_id, cancelable: true }))) {
        location.assign(`${new URL(pages[me.type], siteRoot)}?chat=${notification.chat_id}`);
      }
    },
  },
  element('strong', { dir: 'auto' }, texts.told[notification.type](notification.person?.name ?? texts.noSubject, notification.message_count)),
  element('time', { datetime: notification.updated_at }, moment(notification.updated_at)),
  notification.text ? element('span', { class: 'text', dir: 'auto' }, notification.text) : null,
  notification.is_read ? null : element('span', { class: 'hidden-text' }, texts.isNew)));

  button.addEventListener('click', () => {
    if (!menu.hidden) return close();
    menu.hidden = false;
    button.setAttribute('aria-expanded', 'true');
    for (const [each, text] of toggles) each.textContent = text();
    show().catch(() => { none.hidden = false; });
  });
  root.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !menu.hidden) {
      close();
      button.focus();
    }
  });
  document.addEventListener('click', (event) => {
    if (!root.contains(event.target)) close();
  });
  live.addEventListener('events', ({ detail }) => {
    const total = detail.notifications.unread;
    count.hidden = !total;
    count.textContent = total > 99 ? '99+' : String(total);
    label.textContent = total ? `${texts.notifications}: ${texts.newOnes(total)}` : texts.notifications;
    if (!menu.hidden && detail.events.some((event) => event.type === 'notification')) show().catch(() => {});
  });
  return root;
}

function preferencesDialog(preferences) {
  const { form, show } = preferencesForm(preferences);
  const root = element('dialog', { 'aria-labelledby': 'preferences-title' },
    element('h2', { id: 'preferences-title' }, texts.settings), form,
    element('button', { type: 'button', class: 'quiet', onclick: () => root.close() }, texts.close));
  return {
    root,
    open() {
      show();
      root.showModal();
    },
  };
}
