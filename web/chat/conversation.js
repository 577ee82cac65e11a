/** One chat: its messages, what is on its way, and the field to write in. */
import { avatar, day, element, linked, texts, time } from './view.js';

const pageSize = 50;
const usesTouch = matchMedia('(pointer: coarse)').matches;
const longest = 4_000;
// The program takes one in three seconds, of whole seconds; it is shown for six.
const typingPause = 4_000;
const sameBurst = 5 * 60_000;
const key = ({ type, id }) => `${type}:${id}`;
const sender = (message) => ({ type: message.sender_type, id: message.sender_id });
const isStaff = ({ type }) => type === 'worker' || type === 'admin';

export class Conversation extends EventTarget {
  #client; #outbox; #me; #chat; #hasMore; #isLoading; #unreadFrom; #marked;
  #shown = new Map();
  #marks = new Map();
  #typists = new Map();

  constructor({ client, live, outbox, me }) {
    super();
    this.#client = client;
    this.#outbox = outbox;
    this.#me = me;
    this.#build();
    live.addEventListener('events', ({ detail }) => this.#chat && this.#follow(detail));
    outbox.addEventListener('change', ({ detail }) => (detail ?? this.chatID) === this.chatID && this.#showPending());
    outbox.addEventListener('stored', ({ detail }) => this.#insert([detail]));
    document.addEventListener('visibilitychange', () => this.#markRead());
  }

  get chatID() {
    return this.#chat?.chat_id ?? null;
  }

  #build() {
    this.list = element('div', { class: 'messages', role: 'log', 'aria-live': 'polite', 'aria-label': texts.conversation, tabindex: '0' });
    this.pending = element('div', { class: 'messages' });
    this.older = element('button', { type: 'button', class: 'quiet older', onclick: () => this.#loadOlder(), hidden: true }, texts.loadOlder);
    this.empty = element('p', { class: 'empty', hidden: true }, texts.noMessages);
    this.scroller = element('div', { class: 'scroller', onscroll: () => this.#scrolled() }, this.older, this.empty, this.list, this.pending);
    this.jump = element('button', { type: 'button', class: 'jump', hidden: true, onclick: () => this.#toNewest() }, texts.toNewest);
    this.typing = element('p', { class: 'typing', 'aria-live': 'polite' });
    this.composer = new Composer(this.#client, this.#me, (text) => this.#send(text));
    this.closed = element('div', { class: 'closed', hidden: true }, element('p', {}, texts.closed));
    this.root = element('section', { class: 'conversation', 'aria-label': texts.conversation },
      this.scroller, this.jump, this.typing, this.composer.root, this.closed);
  }

  async open(chat) {
    this.leave();
    this.#chat = chat;
    this.#unreadFrom = this.#marked = 0;
    this.composer.open(chat.chat_id);
    this.#showStatus(chat.status);
    const page = await this.#client.get('chat/messages', { chat_id: chat.chat_id, limit: pageSize });
    if (chat !== this.#chat) return;
    // Nobody reads it before it has its place.
    this.#isLoading = true;
    this.#hasMore = page.has_more;
    for (const mark of page.marks) this.#noteMark(mark);
    const read = this.#ownMark;
    const unread = page.messages.findIndex((each) => each.message_id > read && !this.#isOwn(each));
    if (unread > 0) this.#unreadFrom = page.messages[unread].message_id;
    this.#showStatus(page.status);
    this.#insert(page.messages);
    this.#showPending();
    this.empty.hidden = this.#shown.size > 0;
    const line = this.list.querySelector('.unread-line');
    if (line) this.scroller.scrollTop = Math.min(this.scroller.scrollTop, line.offsetTop - 40);
    this.#isLoading = false;
    this.#scrolled();
  }

  leave() {
    this.#chat = null;
    for (const { timer } of this.#typists.values()) clearTimeout(timer);
    for (const map of [this.#shown, this.#marks, this.#typists]) map.clear();
    this.list.replaceChildren();
    this.pending.replaceChildren();
    this.#showTyping();
    this.jump.hidden = this.older.hidden = this.empty.hidden = true;
  }

  focus() {
    this.composer.focus();
  }


  #follow({ events, reset }) {
    if (reset) {
      this.open(this.#chat).catch(() => {});
      return;
    }
    for (const event of events) {
      if (event.chat_id !== this.chatID) continue;
      const { message } = event;
      if (message) {
        this.#typists.delete(key(sender(message)));
        this.#outbox.remove(message.client_message_id);
        // What is older than all that is shown comes by scrolling.
        if (!this.#hasMore || message.message_id > this.#oldest) this.#insert([message]);
      }
      if (event.reader) this.#noteMark(event);
      if (event.type === 'typing') this.#noteTyping(event);
      if (event.type === 'status') this.#showStatus(event.status);
    }
    this.#showStates();
    this.#showTyping();
  }

  #noteMark({ reader, read_at: readAt, last_read_message_id: read = 0, last_delivered_message_id: delivered = 0 }) {
    const known = this.#marks.get(key(reader)) ?? { reader, read: 0, delivered: 0 };
    if (read > known.read) Object.assign(known, { read, readAt });
    known.delivered = Math.max(known.delivered, delivered);
    this.#marks.set(key(reader), known);
  }

  #noteTyping({ person, expires_in_ms: milliseconds }) {
    clearTimeout(this.#typists.get(key(person))?.timer);
    const timer = setTimeout(() => {
      this.#typists.delete(key(person));
      this.#showTyping();
    }, milliseconds);
    this.#typists.set(key(person), { name: person.name, timer });
  }

  #showTyping() {
    const names = [...this.#typists.values()].map((each) => each.name).join(', ');
    this.typing.textContent = names && texts.typing(names);
  }

  #showStatus(status) {
    this.#chat.status = status;
    this.composer.root.hidden = status === 'closed';
    this.closed.hidden = status !== 'closed';
    this.dispatchEvent(new CustomEvent('status', { detail: status }));
  }


  #isOwn = (message) => key(sender(message)) === key(this.#me);

  get #oldest() {
    return Math.min(...this.#shown.keys());
  }

  get #newest() {
    return Math.max(0, ...this.#shown.keys());
  }

  get #ownMark() {
    return this.#marks.get(key(this.#me))?.read ?? 0;
  }

  #insert(messages) {
    const fresh = messages.filter((each) => each.chat_id === this.chatID && !this.#shown.has(each.message_id));
    if (!fresh.length) return;
    const wasAtEnd = this.#isAtEnd;
    for (const message of fresh) {
      const node = this.#node(message);
      let next = null;
      for (let other = this.list.lastElementChild; other?.dataset.id > message.message_id; other = other.previousElementSibling) next = other;
      this.#shown.set(message.message_id, { message, node });
      this.list.insertBefore(node, next);
      this.#dress(node);
      if (next) this.#dress(next);
    }
    this.#showStates();
    this.empty.hidden = true;
    this.older.hidden = !this.#hasMore;
    if (wasAtEnd || fresh.some(this.#isOwn)) this.#toNewest();
    else if (fresh.at(-1).message_id === this.#newest) this.jump.hidden = false;
  }

  #node(message) {
    const isOwn = this.#isOwn(message);
    return element('div', { class: `message ${isOwn ? 'own' : 'other'}`, 'data-id': message.message_id },
      element('div', { class: 'line' }),
      !isOwn && avatar({ name: message.sender_name, avatar: message.avatar }),
      element('div', { class: 'content' },
        element('p', { class: 'author' },
          element('span', { dir: 'auto' }, isOwn ? texts.you : message.sender_name), ' ',
          !isOwn && element('span', { class: `role ${message.sender_type}` }, texts.role[message.sender_type])),
        element('div', { class: 'bubble', dir: 'auto' }, linked(message.text)),
        element('p', { class: 'meta' },
          element('time', { datetime: message.timestamp }, time(message.timestamp)), ' ',
          isOwn && element('span', { class: 'state' }))));
  }

  /** What depends on the message before. */
  #dress(node) {
    const { message } = this.#shown.get(Number(node.dataset.id));
    const before = this.#shown.get(Number(node.previousElementSibling?.dataset.id))?.message;
    const line = node.firstChild;
    line.replaceChildren();
    const add = (name, text) => line.append(element('p', { class: name }, element('span', {}, text)));
    if (!before || day(before.timestamp) !== day(message.timestamp)) add('day', day(message.timestamp));
    if (message.message_id === this.#unreadFrom) add('unread-line', texts.newMessages);
    node.classList.toggle('continued', !line.firstChild && key(sender(before)) === key(sender(message))
      && new Date(message.timestamp) - new Date(before.timestamp) < sameBurst);
    // Once laid out its size is known, and it may be left out while out of sight.
    node.classList.remove('laid-out');
    requestAnimationFrame(() => requestAnimationFrame(() => node.classList.add('laid-out')));
  }

  #showStates() {
    // A colleague is not whom it is written to.
    const others = [...this.#marks.values()].filter(({ reader }) => key(reader) !== key(this.#me)
      && (this.#chat.isAmongStaff || isStaff(reader) !== isStaff(this.#me)));
    for (const [id, { message, node }] of this.#shown) {
      const shown = node.querySelector('.state');
      if (!shown) continue;
      const mark = others.find((each) => each.read >= id);
      const state = mark ? 'read' : message.delivered || others.some((each) => each.delivered >= id) ? 'delivered' : 'sent';
      if (shown.dataset.state === state) continue;
      shown.dataset.state = state;
      shown.title = mark ? texts.read(mark.readAt ? time(mark.readAt) : '') : texts[state];
      shown.replaceChildren(element('span', { class: 'hidden-text' }, shown.title));
    }
  }

  #showPending() {
    const wasAtEnd = this.#isAtEnd;
    const link = (label, onclick) => element('button', { type: 'button', class: 'link', onclick }, label);
    this.pending.replaceChildren(...this.#outbox.of(this.chatID).map(({ client_message_id: id, message, error }) => element('div', { class: `message own ${error ? 'failed' : 'sending'}` },
      element('div', { class: 'content' },
        element('div', { class: 'bubble', dir: 'auto' }, message),
        element('p', { class: 'meta' }, error
          ? [error !== 'failed' && `${error} `, link(texts.failed, () => this.#outbox.retry(id)), ' ', link(texts.discard, () => this.#outbox.remove(id))]
          : texts.sending)))));
    if (this.pending.firstChild) this.empty.hidden = true;
    if (wasAtEnd) this.#toNewest();
  }

  async #loadOlder() {
    if (this.#isLoading || !this.#hasMore) return;
    this.#isLoading = true;
    const chat = this.#chat;
    try {
      const page = await this.#client.get('chat/messages', { chat_id: chat.chat_id, limit: pageSize, before_id: this.#oldest });
      if (this.#chat !== chat) return;
      this.#hasMore = page.has_more;
      // What is read stays in place: its lower edge, since the day above it may go.
      const { top } = this.scroller.getBoundingClientRect();
      const edge = (node) => node.getBoundingClientRect().bottom;
      const anchor = [...this.list.children].find((each) => edge(each) > top);
      const place = edge(anchor);
      this.#insert(page.messages);
      this.scroller.scrollTop += edge(anchor) - place;
    } catch {
      // The button is there.
    } finally {
      this.#isLoading = false;
    }
  }


  get #isAtEnd() {
    return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < 60;
  }

  #toNewest() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#scrolled();
  }

  #scrolled() {
    if (this.scroller.scrollTop < 150) this.#loadOlder();
    if (!this.#isAtEnd) return;
    this.jump.hidden = true;
    this.#markRead();
  }

  /** Once all was in front of the reader's eyes. */
  #markRead() {
    if (this.#isLoading || document.hidden || !this.root.getClientRects().length || !this.#isAtEnd) return;
    const read = Math.max(this.#ownMark, this.#marked);
    if (![...this.#shown.values()].some(({ message }) => message.message_id > read && !this.#isOwn(message))) return;
    this.#marked = this.#newest;
    this.#client.post('chat/mark_read', { chat_id: this.chatID, message_id: this.#marked }).catch(() => { this.#marked = 0; });
  }

  #send(text) {
    this.#unreadFrom = 0;
    this.list.querySelector('.unread-line')?.remove();
    this.#outbox.add(this.chatID, text);
    this.#toNewest();
  }
}

/** The field: it grows, keeps what was typed, and tells of typing. */
class Composer {
  #client; #key; #send; #chatID;
  #typedAt = 0;

  constructor(client, me, send) {
    this.#client = client;
    this.#key = `nati-chat:${client.base.pathname}:draft:${me.type}:${me.id}:`;
    this.#send = send;
    this.field = element('textarea', {
      rows: 1, 'aria-label': texts.write, placeholder: texts.write, dir: 'auto', enterkeyhint: usesTouch ? 'enter' : 'send',
      oninput: () => this.#typed(),
      onkeydown: (event) => event.key === 'Enter' && !event.shiftKey && !event.isComposing && !usesTouch && this.#submit(event),
    });
    this.counter = element('span', { class: 'counter', 'aria-live': 'polite' });
    this.button = element('button', { class: 'primary', 'aria-label': texts.send }, element('span', { class: 'send-icon' }));
    this.root = element('form', { class: 'composer', onsubmit: (event) => this.#submit(event) }, this.field, this.counter, this.button);
  }

  open(chatID) {
    this.#chatID = chatID;
    this.#typedAt = 0;
    this.field.value = localStorage.getItem(this.#key + chatID) ?? '';
    this.#changed();
  }

  focus() {
    this.field.focus({ preventScroll: true });
  }

  #changed() {
    const { style, value } = this.field;
    style.height = 'auto';
    style.height = `${Math.min(this.field.scrollHeight, 160)}px`;
    const count = [...value].length;
    this.counter.textContent = count > longest - 200 ? texts.tooLong(count) : '';
    this.button.disabled = count > longest;
    if (value.trim()) localStorage.setItem(this.#key + this.#chatID, value);
    else localStorage.removeItem(this.#key + this.#chatID);
  }

  #typed() {
    this.#changed();
    if (!this.field.value.trim() || Date.now() - this.#typedAt < typingPause) return;
    this.#typedAt = Date.now();
    this.#client.post('chat/typing', { chat_id: this.#chatID }).catch(() => {});
  }

  #submit(event) {
    event.preventDefault();
    const text = this.field.value.trim();
    if (!text || this.button.disabled) return;
    this.field.value = '';
    this.#changed();
    this.#send(text);
    this.focus();
  }
}
