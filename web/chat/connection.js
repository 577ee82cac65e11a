/** The connection to the program: requests, what happens there, and messages on their way. */

export class Client {
  base = new URL('../api/', import.meta.url);

  constructor(role) {
    this.role = role;
  }

  get(path, fields, options) {
    const url = new URL(path, this.base);
    for (const [name, value] of Object.entries({ as: this.role, ...fields })) {
      if ((value ?? '') !== '') url.searchParams.set(name, value);
    }
    return this.#ask(url, options);
  }

  post(path, fields) {
    return this.#ask(new URL(path, this.base), {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ as: this.role, ...fields }),
    });
  }

  async #ask(url, { abort = new AbortController(), milliseconds = 20_000, ...options } = {}) {
    const timer = setTimeout(() => abort.abort(), milliseconds);
    try {
      const response = await fetch(url, { ...options, signal: abort.signal });
      // A web server's own page has no sentence for us.
      const body = await response.json().catch(() => ({}));
      if (response.ok && body.success) return body;
      throw Object.assign(new Error(body.error ?? ''), { status: response.ok ? 502 : response.status, retryAfter: response.headers.get('Retry-After') });
    } finally {
      clearTimeout(timer);
    }
  }
}

/**
 * Follows what happens: the tab that holds a lock asks for all of them. Without locks each polls plainly.
 * Events: `events` (the reply), `state` (online, reconnecting, signed-out).
 */
export class Live extends EventTarget {
  #client; #cursor; #channel; #running; #sleeping; #isStopped;
  #failures = 0;
  #askedAt = 0;
  unread = { total: 0, chats: {} };
  notifications = { unread: 0 };
  state = 'online';

  constructor(client, me) {
    super();
    this.#client = client;
    this.key = `nati-chat:${client.base.pathname}:${me.type}:${me.id}`;
    if (navigator.locks) {
      this.#channel = new BroadcastChannel(this.key);
      this.#channel.onmessage = ({ data }) => this.#take(data, true);
    }
    for (const name of ['online', 'focus', 'pageshow', 'visibilitychange']) addEventListener(name, () => document.hidden || this.#wake());
  }

  async start(cursor) {
    this.#cursor ??= cursor;
    if (this.#channel) await navigator.locks.request(`${this.key}:poll`, () => this.#follow(25));
    else await this.#follow(0);
  }

  stop() {
    this.#isStopped = true;
    this.#running?.abort();
    this.#sleeping?.();
    this.#channel?.close();
  }

  #wake() {
    this.#sleeping?.();
    // Asked before the machine slept, it may never be answered.
    if (Date.now() - this.#askedAt > 32_000) this.#running?.abort();
  }

  async #follow(wait) {
    while (!this.#isStopped) {
      const pause = await this.#ask(wait);
      if (pause === null) return;
      await new Promise((resolve) => {
        this.#sleeping = resolve;
        setTimeout(resolve, pause);
      });
    }
  }

  async #ask(wait) {
    this.#running = new AbortController();
    this.#askedAt = Date.now();
    const cursor = this.#cursor;
    try {
      const reply = await this.#client.get('chat/updates', {
        cursor, wait: cursor && !this.#failures ? wait : 0, hidden: !wait && document.hidden ? 1 : '',
      }, { abort: this.#running, milliseconds: 40_000 });
      this.#failures = 0;
      // Its place was lost.
      if (cursor === '') reply.reset = true;
      this.#tell({ reply, state: 'online' });
      if (wait && (!cursor || reply.events.length)) return 20;
      // One that does not wait (plain CGI) tells when to come again.
      return wait && Date.now() - this.#askedAt > 1_000 ? 0 : reply.next_poll_ms;
    } catch ({ status, retryAfter }) {
      if (this.#isStopped) return null;
      if (status === 401 || status === 403) {
        this.#tell({ state: 'signed-out' });
        return null;
      }
      if (status === 422) this.#cursor = '';
      this.#failures += 1;
      if (this.#failures > 1) this.#tell({ state: 'reconnecting' });
      return (retryAfter ?? 0) * 1_000 + Math.min(30_000, 500 * 2 ** this.#failures) * (0.5 + Math.random() / 2);
    }
  }

  #tell(news) {
    this.#take(news);
    this.#channel?.postMessage(news);
  }

  #take({ reply, state }, isTold) {
    if (state !== this.state) {
      this.state = state;
      this.dispatchEvent(new CustomEvent('state', { detail: state }));
    }
    if (!reply) return;
    // Whoever leads next goes on from here.
    this.#cursor = reply.cursor;
    this.unread = reply.unread;
    this.notifications = reply.notifications;
    this.dispatchEvent(new CustomEvent('events', { detail: { ...reply, isTold } }));
  }
}

/**
 * Messages that are not acknowledged, kept in the browser; sent again with the same identifier, each is
 * stored once. Events: `change` (the chat, null for any), `stored` (the message).
 */
export class Outbox extends EventTarget {
  #client; #key;
  #memory;
  #sending = new Set();

  constructor(client, me) {
    super();
    this.#client = client;
    this.#key = `nati-chat:${client.base.pathname}:outbox:${me.type}:${me.id}`;
    addEventListener('online', () => this.#resume());
    addEventListener('storage', ({ key }) => key === this.#key && this.#tell('change', null));
    this.#resume();
  }

  of(chatID) {
    return this.#entries.filter((each) => each.chat_id === chatID);
  }

  add(chatID, message) {
    this.#save([...this.#entries, { chat_id: chatID, message, client_message_id: identifier() }], chatID);
    this.#resume();
  }

  retry(id) {
    this.#change(id, { error: undefined });
    this.#resume();
  }

  remove(id) {
    this.#change(id);
  }

  #resume() {
    for (const entry of this.#entries) this.#send(entry);
  }

  async #send({ chat_id: chatID, message, client_message_id: id }) {
    if (this.#sending.has(id)) return;
    this.#sending.add(id);
    const waiting = () => this.of(chatID).filter((each) => !each.error).map((each) => each.client_message_id);
    for (let attempt = 0; waiting().includes(id);) {
      // One after the other, in the order in which they were written.
      if (waiting()[0] !== id) {
        await pause(50);
        continue;
      }
      try {
        const reply = await this.#client.post('chat/send_message', { chat_id: chatID, message, client_message_id: id });
        this.#tell('stored', reply.message);
        this.#change(id);
      } catch (error) {
        if (error.status && error.status !== 429 && error.status < 500) this.#change(id, { error: error.message || 'failed' });
        else await pause(Math.min(15_000, 500 * 2 ** attempt++));
      }
    }
    this.#sending.delete(id);
  }

  #change(id, fields) {
    const entries = this.#entries;
    const entry = entries.find((each) => each.client_message_id === id);
    if (entry) this.#save(entries.flatMap((each) => (each !== entry ? each : fields ? { ...entry, ...fields } : [])), entry.chat_id);
  }

  get #entries() {
    try {
      return this.#memory ?? JSON.parse(localStorage.getItem(this.#key)) ?? [];
    } catch {
      return [];
    }
  }

  #save(entries, chatID) {
    try {
      localStorage.setItem(this.#key, JSON.stringify(entries));
    } catch {
      this.#memory = entries;
    }
    this.#tell('change', chatID);
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** A random UUID, also on plain HTTP, where `randomUUID` is missing. */
export function identifier() {
  const url = URL.createObjectURL(new Blob());
  URL.revokeObjectURL(url);
  return url.slice(-36);
}

const pause = (milliseconds) => new Promise((resolve) => {
  setTimeout(resolve, milliseconds);
  addEventListener('online', resolve, { once: true });
});
