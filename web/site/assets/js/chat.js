/**
 * The site's assets/js/chat.js for the chat backend: copied over the old one, it works on the unchanged
 * chat-screen.php, single-chat-screen.php and admin/admin_chat.php. It stands alone.
 */
(() => {
  'use strict';

  const script = document.currentScript;
  const api = new URL('../../api/chat/', script.src);

  async function ask(path, fields, method = 'GET') {
    const url = new URL(path, api);
    const options = { method, credentials: 'same-origin' };
    if (method === 'GET') {
      for (const [name, value] of Object.entries(fields)) if (value !== undefined) url.searchParams.set(name, value);
    } else {
      options.headers = { 'Content-Type': 'application/json' };
      options.body = JSON.stringify(fields);
    }
    const response = await fetch(url, options);
    const body = await response.json().catch(() => null);
    if (!body?.success) {
      throw Object.assign(new Error(body?.error ?? 'The chat cannot be reached.'), {
        status: response.status, wait: Number(response.headers.get('Retry-After')) || 0,
      });
    }
    return body;
  }

  const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

  /** Follows what happens for ever: `take` gets the events, or null when all has to be loaded anew. */
  async function follow(role, cursor, take) {
    for (let failures = 0; ;) {
      const asked = Date.now();
      const isFirst = !cursor;
      try {
        const reply = await ask('updates', { as: role, cursor, wait: cursor ? 25 : 0 });
        if (failures || reply.reset) take(null);
        failures = 0;
        cursor = reply.cursor;
        take(reply.events, reply.unread);
        // A server that does not wait tells when to come again.
        if (!isFirst && !reply.events.length && Date.now() - asked < 1000) await pause(reply.next_poll_ms);
      } catch (error) {
        if (error.status === 401 || error.status === 403) return;
        if (error.status === 422) cursor = undefined;
        failures += 1;
        await pause(error.wait * 1000 + Math.min(30_000, 1000 * 2 ** failures) * (0.5 + Math.random() / 2));
      }
    }
  }

  const make = (tag, name, text) => {
    const made = document.createElement(tag);
    made.className = name;
    if (text !== undefined) made.textContent = text;
    return made;
  };

  const clock = (timestamp) => new Date(timestamp).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });

  const randomID = () => (crypto.randomUUID ? crypto.randomUUID()
    : '10000000-1000-4000-8000-100000000000'.replace(/[018]/g, (digit) => (
      digit ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (digit / 4)))).toString(16)));

  /** A conversation in the site's own markup. */
  class Conversation {
    constructor({ place, field, buttons, role, id, chatID }) {
      Object.assign(this, { place, field, role, id, chatID, shown: new Map(), read: 0, marked: 0, typedAt: 0 });
      place.setAttribute('role', 'log');
      place.setAttribute('aria-live', 'polite');
      place.tabIndex = 0;
      this.typing = make('div', 'nati-chat-typing');
      this.typing.setAttribute('aria-live', 'polite');
      place.after(this.typing);
      // Before the page's own handlers of the same key and buttons, if it has any.
      field.addEventListener('keydown', (event) => {
        if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        this.send();
      }, true);
      for (const button of buttons) {
        button.addEventListener('click', (event) => {
          event.preventDefault();
          event.stopImmediatePropagation();
          this.send();
        }, true);
      }
      field.addEventListener('input', () => this.typed());
      document.addEventListener('visibilitychange', () => this.markRead());
    }

    /** Loads the messages anew; answers the cursor behind them. */
    async load() {
      const page = await ask('messages', { as: this.role, chat_id: this.chatID });
      for (const mark of page.marks ?? []) this.noteRead(mark.reader, mark.last_read_message_id);
      for (const message of page.messages) this.show(message);
      this.refresh();
      return page.cursor;
    }

    isOwn(message) {
      return message.sender_type === this.role && Number(message.sender_id) === Number(this.id);
    }

    show(message) {
      if (this.shown.has(message.message_id)) return;
      const isAtEnd = this.place.scrollHeight - this.place.scrollTop - this.place.clientHeight < 80;
      const node = this.bubble(message.text, this.isOwn(message));
      node.dataset.messageId = message.message_id;
      if (!this.isOwn(message)) node.prepend(make('div', 'nati-chat-author', message.sender_name));
      node.append(make('div', 'timestamp', clock(message.timestamp)));
      this.shown.set(message.message_id, node);
      // By rising number; what is on its way stays last.
      const after = [...this.place.querySelectorAll('[data-message-id]')].find((each) => Number(each.dataset.messageId) > message.message_id);
      this.place.insertBefore(node, after ?? this.place.querySelector('.nati-chat-pending'));
      if (isAtEnd || this.isOwn(message)) this.place.scrollTop = this.place.scrollHeight;
      this.markRead();
    }

    bubble(text, isOwn) {
      const node = make('div', isOwn ? 'message message-personal new' : 'message new');
      node.dir = 'auto';
      node.append(make('span', 'nati-chat-text', text));
      return node;
    }

    take(events) {
      if (events === null) {
        this.load().catch(() => {});
        return;
      }
      for (const event of events) {
        if (event.chat_id !== this.chatID) continue;
        if (event.type === 'message') {
          this.typing.textContent = '';
          this.place.querySelector(`.nati-chat-pending[data-key="${event.message.client_message_id}"]`)?.remove();
          this.show(event.message);
        } else if (event.type === 'read') {
          this.noteRead(event.reader, event.last_read_message_id);
        } else if (event.type === 'typing') {
          this.typing.textContent = `${event.person.name} is typing…`;
          clearTimeout(this.typingTimer);
          this.typingTimer = setTimeout(() => { this.typing.textContent = ''; }, event.expires_in_ms);
        }
      }
      this.refresh();
    }

    noteRead(reader, messageID) {
      const isStaff = (type) => type === 'admin' || type === 'worker';
      if (isStaff(reader.type) !== isStaff(this.role)) this.read = Math.max(this.read, messageID);
    }

    refresh() {
      for (const [id, node] of this.shown) {
        if (!node.classList.contains('message-personal')) continue;
        node.classList.toggle('nati-chat-read', id <= this.read);
        node.title = id <= this.read ? 'Read' : 'Sent';
      }
    }

    markRead() {
      const newest = Math.max(0, ...this.shown.keys());
      if (document.hidden || newest <= this.marked) return;
      this.marked = newest;
      ask('mark_read', { as: this.role, chat_id: this.chatID, message_id: newest }, 'POST').catch(() => { this.marked = 0; });
    }

    typed() {
      if (!this.field.value.trim() || Date.now() - this.typedAt < 4000) return;
      this.typedAt = Date.now();
      ask('typing', { as: this.role, chat_id: this.chatID }, 'POST').catch(() => {});
    }

    async send() {
      const text = this.field.value.trim();
      if (!text || !this.chatID) return;
      this.field.value = '';
      const key = randomID();
      const node = this.bubble(text, true);
      node.classList.add('nati-chat-pending');
      node.dataset.key = key;
      this.place.append(node);
      this.place.scrollTop = this.place.scrollHeight;
      for (let attempt = 0; ; attempt += 1) {
        try {
          const { message } = await ask('send_message', { as: this.role, chat_id: this.chatID, message: text, client_message_id: key }, 'POST');
          node.remove();
          this.show(message);
          this.refresh();
          return;
        } catch (error) {
          if (error.status && error.status < 500 && error.status !== 429) {
            node.classList.add('nati-chat-failed');
            node.append(make('div', 'timestamp', error.message));
            return;
          }
          await pause(Math.min(15_000, 500 * 2 ** attempt));
        }
      }
    }
  }

  function customerConversation() {
    const place = document.querySelector('.messages .messages-content');
    const field = document.querySelector('textarea.message-input');
    if (!place || !field || !window.CHAT_ID) return false;
    // The first of two is the attachment button: it sends nothing.
    const buttons = [...document.querySelectorAll('button.message-submit')].filter((each) => !each.querySelector('.messages-plus-icon') && !each.classList.contains('messages-plus-icon'));
    const conversation = new Conversation({
      place, field, buttons: buttons.slice(-1), role: window.SENDER_TYPE, id: window.SENDER_ID, chatID: Number(window.CHAT_ID),
    });
    conversation.load().then((cursor) => follow(window.SENDER_TYPE, cursor, (events) => conversation.take(events)))
      .catch((error) => place.append(make('p', 'nati-chat-failed', error.message)));
    return true;
  }

  /** The admin's page has functions of its own: this adds what comes by itself, in the chat it shows. */
  function adminPage() {
    const place = document.querySelector('#chat-messages');
    const field = document.querySelector('#admin-message-input');
    if (!place || !field) return false;
    let conversation = null;
    const open = async (chatID) => {
      if (conversation) {
        conversation.chatID = chatID;
        conversation.shown.clear();
        conversation.read = conversation.marked = 0;
      } else {
        const { user } = await ask('../auth/me', { as: 'admin' });
        conversation = new Conversation({ place, field, buttons: [], role: 'admin', id: user.id, chatID });
        follow('admin', undefined, (events) => conversation.take(events));
      }
      place.replaceChildren();
      await conversation.load();
    };
    // The page asks for the messages of the chat that it shows: that is how it is known which one it is.
    let asked = null;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const url = new URL(entry.name);
        if (!/\/api\/chat\/messages(\.php)?$/.test(url.pathname) || url.searchParams.get('as') === 'admin') continue;
        asked = Number(url.searchParams.get('chat_id'));
        // After the page has put its own texts there.
        setTimeout(() => open(asked).catch(() => {}), 50);
      }
    }).observe({ type: 'resource', buffered: true });
    return true;
  }

  const style = document.createElement('link');
  style.rel = 'stylesheet';
  style.href = new URL('../css/nati-chat.css', script.src).href;
  document.head.append(style);

  const start = () => customerConversation() || adminPage();
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start);
  else start();
})();
