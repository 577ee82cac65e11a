/**
 * Messages on their way: kept in the browser until the program has acknowledged them.
 *
 * Each has an identifier of its own, with which the program stores it once, however often it is sent.
 * Event: `change` (detail: the message's chat).
 */
export class Outbox extends EventTarget {
  #client;
  #key;
  #sending = new Set();
  /** Where the browser keeps nothing. */
  #memory = null;

  constructor(client, me) {
    super();
    this.#client = client;
    this.#key = `nati-chat:${client.base.pathname}:outbox:${me.type}:${me.id}`;
    addEventListener('online', () => this.resume());
    addEventListener('storage', ({ key }) => {
      if (key === this.#key) this.#changed(null);
    });
    this.resume();
  }

  /** The messages of a chat that are not acknowledged, oldest first. */
  of(chatID) {
    return this.#load().filter((each) => each.chat_id === chatID);
  }

  add(chatID, text) {
    const entry = {
      client_message_id: identifier(), chat_id: chatID, text, timestamp: new Date().toISOString(),
    };
    this.#save([...this.#load(), entry]);
    this.#changed(chatID);
    this.#send(entry);
  }

  /** Tries again what failed. */
  retry(id) {
    this.#update(id, { error: undefined });
    const entry = this.#load().find((each) => each.client_message_id === id);
    if (entry) this.#send(entry);
  }

  /** Gives a message up, or notes that it has arrived. */
  remove(id) {
    const entries = this.#load();
    const entry = entries.find((each) => each.client_message_id === id);
    if (!entry) return;
    this.#save(entries.filter((each) => each !== entry));
    this.#changed(entry.chat_id);
  }

  /** Sends what a closed page or a lost connection has left. */
  resume() {
    for (const entry of this.#load()) if (!entry.error) this.#send(entry);
  }

  async #send(entry) {
    const id = entry.client_message_id;
    if (this.#sending.has(id)) return;
    this.#sending.add(id);
    try {
      // One after the other within a chat: their order is the order in which they were written.
      while (this.of(entry.chat_id).find((each) => !each.error)?.client_message_id !== id) {
        if (!this.#load().some((each) => each.client_message_id === id)) return;
        await pause(50);
      }
      for (let attempt = 0; ; attempt += 1) {
        try {
          const reply = await this.#client.post('chat/send_message', {
            chat_id: entry.chat_id, message: entry.text, client_message_id: id,
          });
          this.dispatchEvent(new CustomEvent('stored', { detail: reply.message }));
          this.remove(id);
          return;
        } catch (error) {
          if (error.status && !error.isTransient) {
            this.#update(id, { error: error.message || 'failed' });
            return;
          }
          if (!this.#load().some((each) => each.client_message_id === id)) return;
          await pause(navigator.onLine ? Math.min(15_000, 500 * 2 ** attempt) : 15_000, 'online');
        }
      }
    } finally {
      this.#sending.delete(id);
    }
  }

  #update(id, fields) {
    const entries = this.#load();
    const entry = entries.find((each) => each.client_message_id === id);
    if (!entry) return;
    Object.assign(entry, fields);
    this.#save(entries);
    this.#changed(entry.chat_id);
  }

  #changed(chatID) {
    this.dispatchEvent(new CustomEvent('change', { detail: chatID }));
  }

  #load() {
    if (this.#memory) return this.#memory;
    try {
      return JSON.parse(localStorage.getItem(this.#key)) ?? [];
    } catch {
      return [];
    }
  }

  #save(entries) {
    try {
      if (entries.length) localStorage.setItem(this.#key, JSON.stringify(entries));
      else localStorage.removeItem(this.#key);
      this.#memory = null;
    } catch {
      this.#memory = entries;
    }
  }
}

/** A random UUID; also on plain HTTP, where `randomUUID` is missing. */
function identifier() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Waits, or until the event if that comes earlier. */
function pause(milliseconds, event) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    if (event) addEventListener(event, () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}
