/** The list of chats, kept up to date by what happens. Event: `choose` (detail: the chat). */
import { moment, presence } from './format.js';
import { debounced } from './forms.js';
import { avatar, element, texts } from './view.js';

export class ChatList extends EventTarget {
  #client; #live; #me;
  #chats = new Map();
  #unread = {};
  #filter = {};
  #next = null;
  #chosen = null;
  #loading = 0;

  constructor({ client, live, me }) {
    super();
    this.#client = client;
    this.#live = live;
    this.#me = me;
    this.items = element('ul', { class: 'chats' });
    this.empty = element('p', { class: 'empty', hidden: true }, texts.noChats);
    this.more = element('button', { type: 'button', class: 'quiet', hidden: true, onclick: () => this.#load(true) }, texts.more);
    this.root = element('nav', { class: 'chat-list', 'aria-label': texts.chats }, this.items, this.empty, this.more);
    this.reload = debounced(200, () => this.#load().catch(() => {}));
    live.addEventListener('events', ({ detail }) => this.#follow(detail));
  }

  get chats() {
    return [...this.#chats.values()];
  }

  chat(id) {
    return this.#chats.get(id);
  }

  /** Shows the chats that match; answers the reply. */
  show(filter = this.#filter) {
    this.#filter = filter;
    return this.#load();
  }

  choose(id) {
    this.#chosen = id;
    for (const node of this.items.children) {
      const isChosen = Number(node.dataset.id) === id;
      node.classList.toggle('chosen', isChosen);
      if (isChosen) node.firstElementChild.setAttribute('aria-current', 'true');
      else node.firstElementChild.removeAttribute('aria-current');
    }
  }

  async #load(isMore = false) {
    const loading = ++this.#loading;
    const page = await this.#client.get('chat/list', { ...this.#filter, page_token: isMore ? this.#next : undefined });
    if (loading !== this.#loading) return page;
    if (!isMore) this.#chats.clear();
    for (const chat of page.chats) {
      this.#chats.set(chat.chat_id, chat);
      if (chat.unread_count) this.#unread[chat.chat_id] = chat.unread_count;
    }
    this.#next = page.next_page_token;
    this.more.hidden = !this.#next;
    this.#draw();
    this.dispatchEvent(new CustomEvent('loaded'));
    return page;
  }

  #follow({ events, unread, reset }) {
    this.#unread = { ...unread.chats };
    let isStale = reset;
    for (const event of events) {
      const chat = this.#chats.get(event.chat_id);
      if (event.type === 'presence') this.#notePresence(event);
      else if (event.type === 'chat') isStale = true;
      else if (event.type === 'message' && chat) this.#noteMessage(chat, event.message);
      else if (['message', 'status', 'assigned'].includes(event.type)) isStale = true;
    }
    if (isStale) this.reload();
    else this.#draw();
  }

  #noteMessage(chat, message) {
    chat.last_message = message;
    // The newest activity stands first.
    this.#chats = new Map([[chat.chat_id, chat], ...this.#chats]);
  }

  #notePresence({ person, online, last_seen }) {
    for (const chat of this.#chats.values()) {
      for (const shown of [chat.other, chat.assigned]) {
        if (shown && shown.type === person.type && shown.id === person.id) Object.assign(shown, { online, last_seen });
      }
    }
    this.dispatchEvent(new CustomEvent('loaded'));
  }

  #draw() {
    const focused = this.root.getRootNode().activeElement?.closest?.('li')?.dataset.id;
    this.items.replaceChildren(...[...this.#chats.values()].map((chat) => this.#item(chat)));
    this.empty.hidden = this.#chats.size > 0;
    this.choose(this.#chosen);
    if (focused) this.items.querySelector(`li[data-id="${focused}"] button`)?.focus();
  }

  #item(chat) {
    const last = chat.last_message;
    const count = this.#unread[chat.chat_id] ?? 0;
    const other = chat.other;
    const isOwn = last && last.sender_type === this.#me.type && last.sender_id === this.#me.id;
    const isStaff = this.#me.type === 'worker' || this.#me.type === 'admin';
    return element('li', { 'data-id': chat.chat_id, class: count ? 'has-unread' : '' },
      element('button', { type: 'button', onclick: () => this.dispatchEvent(new CustomEvent('choose', { detail: chat })) },
        element('span', { class: `portrait ${other?.online ? 'is-online' : ''}` }, avatar(other ?? { name: texts.noSubject })),
        element('span', { class: 'summary' },
          element('span', { class: 'first' },
            element('strong', { dir: 'auto' }, other?.name ?? texts.noSubject),
            isStaff && other ? element('span', { class: `role ${other.type}` }, texts.role[other.type]) : null,
            other ? element('span', { class: 'hidden-text' }, `, ${presence(other)}`) : null,
            element('time', { datetime: last?.timestamp }, last ? moment(last.timestamp) : '')),
          chat.subject ? element('span', { class: 'subject', dir: 'auto' }, chat.subject) : null,
          element('span', { class: 'last' },
            element('span', { class: 'text', dir: 'auto' }, last ? `${isOwn ? `${texts.you}: ` : ''}${last.text}` : texts.noMessages),
            chat.status !== 'open' ? element('span', { class: `status ${chat.status}` }, texts.status[chat.status]) : null,
            count ? element('span', { class: 'badge' }, count > 99 ? '99+' : String(count), element('span', { class: 'hidden-text' }, ` ${texts.unread(count)}`)) : null))));
  }
}
