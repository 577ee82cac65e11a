/** One chat: its messages, what is on its way, and the field to write in. */
import { avatar, day, linked, time } from './format.js';
import { element } from './elements.js';
import { texts } from './texts.js';

const pageSize = 50;
// The program takes one in three seconds, of whole seconds; it is shown for six.
const typingPause = 4_000;
const sameBurst = 5 * 60_000;
const isStaff = (type) => type === 'worker' || type === 'admin';
const usesTouch = matchMedia('(pointer: coarse)').matches;

export class Conversation extends EventTarget {
  #client; #live; #outbox; #me;
  #chat = null;
  #messages = new Map();
  #nodes = new Map();
  #marks = new Map();
  #hasMore = false;
  #isLoading = false;
  #opening = 0;
  #typists = new Map();
  #typedAt = 0;
  #unreadFrom = null;
  #marked = 0;

  /** @param me the reader: `{type, id, name}` */
  constructor({ client, live, outbox, me }) {
    super();
    Object.assign(this, { root: this.#build() });
    this.#client = client;
    this.#live = live;
    this.#outbox = outbox;
    this.#me = me;
    live.addEventListener('events', ({ detail }) => this.#follow(detail));
    outbox.addEventListener('change', ({ detail }) => {
      if (this.#chat && (detail === null || detail === this.#chat.chat_id)) this.#showPending();
    });
    outbox.addEventListener('stored', ({ detail }) => {
      if (detail.chat_id === this.#chat?.chat_id) this.#insert([detail]);
    });
    document.addEventListener('visibilitychange', () => this.#markRead());
  }

  get chatID() {
    return this.#chat?.chat_id ?? null;
  }

  #build() {
    this.list = element('div', { class: 'messages', role: 'log', 'aria-live': 'polite', 'aria-label': texts.conversation, tabindex: '0' });
    this.pending = element('div', { class: 'messages pending' });
    this.older = element('button', { type: 'button', class: 'quiet older', onclick: () => this.#loadOlder(), hidden: true }, texts.loadOlder);
    this.empty = element('p', { class: 'empty', hidden: true }, texts.noMessages);
    this.scroller = element('div', { class: 'scroller' }, this.older, this.empty, this.list, this.pending);
    this.jump = element('button', { type: 'button', class: 'jump', hidden: true, onclick: () => this.#toNewest(true) }, texts.toNewest);
    this.typing = element('p', { class: 'typing', 'aria-live': 'polite' });
    this.field = element('textarea', { rows: '1', 'aria-label': texts.write, placeholder: texts.write, dir: 'auto', enterkeyhint: usesTouch ? 'enter' : 'send' });
    this.counter = element('span', { class: 'counter', 'aria-live': 'polite' });
    this.button = element('button', { type: 'submit', class: 'primary', 'aria-label': texts.send }, element('span', { class: 'send-icon', 'aria-hidden': 'true' }));
    this.form = element('form', { class: 'composer' }, this.field, this.counter, this.button);
    this.closed = element('div', { class: 'closed', hidden: true }, element('p', {}, texts.closed));
    this.scroller.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#send();
    });
    this.field.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !event.shiftKey && !event.isComposing && !usesTouch) {
        event.preventDefault();
        this.#send();
      }
    });
    this.field.addEventListener('input', () => this.#typed());
    return element('section', { class: 'conversation', 'aria-label': texts.conversation },
      this.scroller, this.jump, this.typing, this.form, this.closed);
  }

  /** Shows a chat; rejects if it cannot be loaded. */
  async open(chat) {
    this.#saveDraft();
    const opening = ++this.#opening;
    this.#chat = chat;
    this.#messages.clear();
    this.#nodes.clear();
    this.#marks.clear();
    this.#typists.clear();
    this.#unreadFrom = null;
    this.#marked = 0;
    this.list.replaceChildren();
    this.pending.replaceChildren();
    this.typing.textContent = '';
    this.jump.hidden = true;
    this.field.value = localStorage.getItem(this.#draftKey()) ?? '';
    this.#grow();
    this.#showStatus(chat.status);
    const page = await this.#client.get('chat/messages', { chat_id: chat.chat_id, limit: pageSize });
    if (opening !== this.#opening) return;
    this.#hasMore = page.has_more;
    for (const mark of page.marks ?? []) this.#noteMark(mark.reader, mark);
    const own = this.#marks.get(this.#key(this.#me));
    const unread = page.messages.find((each) => each.message_id > (own?.last_read_message_id ?? 0) && !this.#isOwn(each));
    this.#unreadFrom = unread && unread !== page.messages[0] ? unread.message_id : null;
    this.#showStatus(page.status);
    this.#insert(page.messages);
    this.#showPending();
    this.#toNewest();
    const line = this.list.querySelector('.unread-line');
    if (line) this.scroller.scrollTop = Math.min(this.scroller.scrollTop, line.offsetTop - 40);
    this.#markRead();
    return page;
  }

  /** Shows no chat any more. */
  leave() {
    this.#saveDraft();
    this.#opening += 1;
    this.#chat = null;
    this.list.replaceChildren();
    this.pending.replaceChildren();
  }

  focus() {
    if (!this.form.hidden) this.field.focus({ preventScroll: true });
  }

  // What happens

  #follow({ events, reset }) {
    if (!this.#chat) return;
    if (reset) {
      this.open(this.#chat).catch(() => {});
      return;
    }
    for (const event of events) {
      if (event.chat_id !== this.#chat.chat_id) continue;
      if (event.type === 'message') {
        this.#typists.delete(this.#key({ type: event.message.sender_type, id: event.message.sender_id }));
        if (event.message.client_message_id) this.#outbox.remove(event.message.client_message_id);
        // What is older than all that is shown comes when the reader scrolls there.
        if (!this.#hasMore || event.message.message_id > Math.min(...this.#messages.keys())) this.#insert([event.message]);
      } else if (event.type === 'read' || event.type === 'delivered') {
        this.#noteMark(event.reader, event);
        this.#refreshStates();
      } else if (event.type === 'typing') {
        this.#noteTyping(event);
      } else if (event.type === 'status') {
        this.#showStatus(event.status);
      }
    }
    this.#showTyping();
  }

  #noteMark(reader, mark) {
    const key = this.#key(reader);
    const known = this.#marks.get(key) ?? { reader, last_read_message_id: 0, last_delivered_message_id: 0 };
    if ((mark.last_read_message_id ?? 0) > known.last_read_message_id) {
      known.last_read_message_id = mark.last_read_message_id;
      known.read_at = mark.read_at;
    }
    known.last_delivered_message_id = Math.max(known.last_delivered_message_id, mark.last_delivered_message_id ?? 0);
    this.#marks.set(key, known);
  }

  #noteTyping({ person, expires_in_ms: milliseconds }) {
    const key = this.#key(person);
    clearTimeout(this.#typists.get(key)?.timer);
    const timer = setTimeout(() => {
      this.#typists.delete(key);
      this.#showTyping();
    }, milliseconds);
    this.#typists.set(key, { name: person.name, timer });
  }

  #showTyping() {
    const names = [...this.#typists.values()].map((each) => each.name);
    this.typing.textContent = names.length ? texts.typing(names.join(', ')) : '';
  }

  #showStatus(status) {
    if (!this.#chat) return;
    this.#chat.status = status;
    this.form.hidden = status === 'closed';
    this.closed.hidden = status !== 'closed';
    this.dispatchEvent(new CustomEvent('status', { detail: status }));
  }

  // Messages

  #key = (person) => `${person.type}:${person.id}`;

  #isOwn = (message) => message.sender_type === this.#me.type && message.sender_id === this.#me.id;

  #insert(messages) {
    const fresh = messages.filter((each) => each.chat_id === this.#chat.chat_id && !this.#messages.has(each.message_id));
    if (!fresh.length) return;
    const wasAtEnd = this.#isAtEnd();
    const nodes = [];
    for (const message of fresh) {
      this.#messages.set(message.message_id, message);
      const node = this.#node(message);
      this.#nodes.set(message.message_id, node);
      nodes.push(node);
      const next = this.#nextNode(message.message_id);
      this.list.insertBefore(node, next);
      this.#dress(node);
      if (next) {
        // Its size changes: what the browser remembers of it is wrong.
        next.classList.remove('laid-out');
        this.#dress(next);
        nodes.push(next);
      }
    }
    // Once they were laid out, the browser knows their sizes and may leave out what is out of sight.
    requestAnimationFrame(() => requestAnimationFrame(() => {
      for (const node of nodes) node.classList.add('laid-out');
    }));
    this.empty.hidden = this.#messages.size > 0;
    this.older.hidden = !this.#hasMore;
    const isOwn = fresh.some(this.#isOwn);
    if (wasAtEnd || isOwn) this.#toNewest();
    else if (fresh.at(-1).message_id === Math.max(...this.#messages.keys())) this.#offerJump();
    this.#markRead();
  }

  /** The node before which a message belongs; nearly always the end. */
  #nextNode(id) {
    let next = null;
    for (let node = this.list.lastElementChild; node; node = node.previousElementSibling) {
      if (Number(node.dataset.id) < id) break;
      next = node;
    }
    return next;
  }

  #node(message) {
    const isOwn = this.#isOwn(message);
    const sender = { name: message.sender_name, avatar: message.avatar };
    return element('div', { class: `message ${isOwn ? 'own' : 'other'}`, 'data-id': message.message_id },
      element('div', { class: 'line' }),
      isOwn ? null : avatar(sender),
      element('div', { class: 'content' },
        element('p', { class: 'author' },
          element('span', { dir: 'auto' }, isOwn ? texts.you : message.sender_name), ' ',
          isOwn ? null : element('span', { class: `role ${message.sender_type}` }, texts.role[message.sender_type])),
        element('div', { class: 'bubble', dir: 'auto' }, linked(message.text)),
        element('p', { class: 'meta' },
          element('time', { datetime: message.timestamp }, time(message.timestamp)), ' ',
          isOwn ? element('span', { class: 'state' }) : null)));
  }

  /** What depends on the message before: the day, the line of new messages, whether the name is shown. */
  #dress(node) {
    const message = this.#messages.get(Number(node.dataset.id));
    const before = this.#messages.get(Number(node.previousElementSibling?.dataset.id));
    const line = node.firstElementChild;
    line.replaceChildren();
    if (!before || day(before.timestamp) !== day(message.timestamp)) {
      line.append(element('p', { class: 'day' }, element('span', {}, day(message.timestamp))));
    }
    if (message.message_id === this.#unreadFrom) {
      line.append(element('p', { class: 'unread-line' }, element('span', {}, texts.newMessages)));
    }
    const isSame = before && !line.hasChildNodes() && before.sender_type === message.sender_type
      && before.sender_id === message.sender_id
      && new Date(message.timestamp) - new Date(before.timestamp) < sameBurst;
    node.classList.toggle('continued', Boolean(isSame));
    this.#showState(node, message);
  }

  #refreshStates() {
    for (const [id, node] of this.#nodes) {
      if (node.classList.contains('own')) this.#showState(node, this.#messages.get(id));
    }
  }

  #showState(node, message) {
    const shown = node.querySelector('.state');
    if (!shown) return;
    let state = message.delivered ? 'delivered' : 'sent';
    let label = texts[state];
    for (const mark of this.#marks.values()) {
      if (this.#key(mark.reader) === this.#key(this.#me)) continue;
      // A colleague who looks on is not whom it is written to.
      if (!this.#chat.isAmongStaff && isStaff(mark.reader.type) === isStaff(this.#me.type)) continue;
      if (mark.last_read_message_id >= message.message_id) {
        state = 'read';
        label = texts.read(mark.read_at ? time(mark.read_at) : '');
        break;
      }
      if (mark.last_delivered_message_id >= message.message_id) {
        state = 'delivered';
        label = texts.delivered;
      }
    }
    if (shown.dataset.state === state) return;
    shown.dataset.state = state;
    shown.title = label;
    shown.replaceChildren(element('span', { class: 'hidden-text' }, label));
  }

  #showPending() {
    const entries = this.#outbox.of(this.#chat.chat_id);
    const wasAtEnd = this.#isAtEnd();
    this.pending.replaceChildren(...entries.map((entry) => {
      const id = entry.client_message_id;
      return element('div', { class: `message own ${entry.error ? 'failed' : 'sending'}` },
        element('div', { class: 'content' },
          element('div', { class: 'bubble', dir: 'auto' }, entry.text),
          entry.error
            ? element('p', { class: 'meta' },
              entry.error === 'failed' ? null : `${entry.error} `,
              element('button', { type: 'button', class: 'link', onclick: () => this.#outbox.retry(id) }, texts.failed), ' ',
              element('button', { type: 'button', class: 'link', onclick: () => this.#outbox.remove(id) }, texts.discard))
            : element('p', { class: 'meta' }, texts.sending)));
    }));
    if (entries.length) this.empty.hidden = true;
    if (wasAtEnd) this.#toNewest();
  }

  async #loadOlder() {
    if (this.#isLoading || !this.#hasMore) return;
    this.#isLoading = true;
    const { chat_id: chatID } = this.#chat;
    try {
      const oldest = Math.min(...this.#messages.keys());
      const page = await this.#client.get('chat/messages', { chat_id: chatID, limit: pageSize, before_id: oldest });
      if (this.#chat?.chat_id !== chatID) return;
      this.#hasMore = page.has_more;
      this.#keepPlace(() => {
        this.#insert(page.messages);
        this.older.hidden = !this.#hasMore;
      });
    } catch {
      this.older.hidden = false;
    } finally {
      this.#isLoading = false;
    }
  }

  // Place

  /** What is read stays where it is while something is inserted above. */
  #keepPlace(change) {
    const top = this.scroller.getBoundingClientRect().top;
    const anchor = [...this.list.children].find((each) => each.getBoundingClientRect().bottom > top);
    // Its lower edge: the day above the first message goes when it is the first no more.
    const place = anchor?.getBoundingClientRect().bottom;
    change();
    if (anchor) this.scroller.scrollTop += anchor.getBoundingClientRect().bottom - place;
  }

  #isAtEnd() {
    return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < 60;
  }

  #toNewest(isAsked = false) {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.jump.hidden = true;
    if (isAsked) this.#markRead();
  }

  #offerJump() {
    this.jump.hidden = false;
  }

  #scrolled() {
    if (this.scroller.scrollTop < 150) this.#loadOlder();
    if (this.#isAtEnd()) {
      this.jump.hidden = true;
      this.#markRead();
    }
  }

  /** Tells that everything was read, once it was in front of the reader's eyes. */
  #markRead() {
    if (!this.#chat || document.hidden || !this.root.isConnected || !this.root.offsetParent && !this.root.getClientRects().length) return;
    if (!this.#isAtEnd()) return;
    const newest = Math.max(0, ...this.#messages.keys());
    const own = this.#marks.get(this.#key(this.#me))?.last_read_message_id ?? 0;
    if (newest <= Math.max(own, this.#marked)) return;
    if (![...this.#messages.values()].some((each) => each.message_id > own && !this.#isOwn(each))) return;
    this.#marked = newest;
    this.#client.post('chat/mark_read', { chat_id: this.#chat.chat_id, message_id: newest })
      .catch(() => { this.#marked = 0; });
  }

  // Writing

  #draftKey = () => `nati-chat:${this.#client.base.pathname}:draft:${this.#me.type}:${this.#me.id}:${this.#chat.chat_id}`;

  #saveDraft() {
    if (!this.#chat) return;
    const text = this.field.value;
    if (text.trim()) localStorage.setItem(this.#draftKey(), text);
    else localStorage.removeItem(this.#draftKey());
  }

  #grow() {
    this.field.style.height = 'auto';
    this.field.style.height = `${Math.min(this.field.scrollHeight, 160)}px`;
    const count = [...this.field.value].length;
    this.counter.textContent = count > 3_800 ? texts.tooLong(count) : '';
    this.button.disabled = count > 4_000;
  }

  #typed() {
    this.#grow();
    this.#saveDraft();
    if (!this.field.value.trim() || Date.now() - this.#typedAt < typingPause) return;
    this.#typedAt = Date.now();
    this.#client.post('chat/typing', { chat_id: this.#chat.chat_id }).catch(() => {});
  }

  #send() {
    const text = this.field.value.trim();
    if (!text || !this.#chat || [...text].length > 4_000) return;
    this.field.value = '';
    this.#grow();
    this.#saveDraft();
    this.#unreadFrom = null;
    this.list.querySelector('.unread-line')?.remove();
    this.#outbox.add(this.#chat.chat_id, text);
    this.#toNewest();
    this.focus();
  }
}
