/**
 * Follows what happens, with one request that waits for all tabs of a browser.
 *
 * The tab that holds a lock asks; it tells the others over a channel. Where the browser has no locks,
 * every tab polls plainly. Events: `events` (detail: the reply), `state` (detail: 'online',
 * 'reconnecting', 'signed-out').
 */
const shortestPause = 1_000;
const longestPause = 30_000;

export class Live extends EventTarget {
  #client;
  #cursor;
  #channel;
  #failures = 0;
  #running = null;
  #sleeping = null;
  #isStopped = false;
  #askedAt = 0;
  #hasLostPlace = false;
  isLeader = false;
  unread = { total: 0, chats: {} };
  notifications = { unread: 0 };
  state = 'online';

  constructor(client, me) {
    super();
    this.#client = client;
    this.key = `nati-chat:${client.base.pathname}:${me.type}:${me.id}`;
    if ('BroadcastChannel' in window) {
      this.#channel = new BroadcastChannel(this.key);
      this.#channel.onmessage = ({ data }) => this.#take(data, true);
    }
    const wake = () => this.wake();
    addEventListener('online', wake);
    addEventListener('focus', wake);
    addEventListener('pageshow', wake);
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) wake();
    });
  }

  /** Begins to follow: from a reply's cursor, or from now. */
  start(cursor) {
    this.#cursor ??= cursor;
    this.#lead();
  }

  /** Ends it; the next page starts anew. */
  stop() {
    this.#isStopped = true;
    this.#running?.abort();
    this.#sleeping?.();
    this.#channel?.close();
  }

  /** Asks at once: the person is back, or the network is. */
  wake() {
    this.#sleeping?.();
    // A request that was asked before the machine slept may never be answered.
    if (this.#running && Date.now() - this.#askedAt > 32_000) this.#running.abort();
  }

  async #lead() {
    if (navigator.locks && this.#channel) {
      await navigator.locks.request(`${this.key}:poll`, () => this.#follow(25));
    } else {
      await this.#follow(0);
    }
  }

  async #follow(wait) {
    this.isLeader = true;
    while (!this.#isStopped) {
      const pause = await this.#ask(wait);
      if (pause === null) return;
      if (pause > 0) await this.#sleep(pause);
    }
  }

  /** One request; milliseconds until the next, null for no next. */
  async #ask(wait) {
    this.#running = new AbortController();
    this.#askedAt = Date.now();
    try {
      const reply = await this.#client.get('chat/updates', {
        cursor: this.#cursor, wait: this.#cursor && !this.#failures ? wait : 0,
        hidden: wait === 0 && document.hidden ? 1 : undefined,
      }, { signal: this.#running.signal, milliseconds: 40_000 });
      this.#failures = 0;
      if (this.#hasLostPlace) reply.reset = true;
      this.#hasLostPlace = false;
      const isFirst = !this.#cursor;
      this.#take({ reply, state: 'online' });
      this.#channel?.postMessage({ reply, state: 'online' });
      if (wait && (isFirst || reply.events.length)) return 20;
      // A server that does not wait (plain CGI, too many clients) tells when to come again.
      return wait && Date.now() - this.#askedAt > 1_000 ? 0 : reply.next_poll_ms;
    } catch (error) {
      if (this.#isStopped) return null;
      if (error.status === 401 || error.status === 403) {
        this.#tell('signed-out');
        return null;
      }
      if (error.status === 422) {
        this.#cursor = undefined;
        this.#hasLostPlace = true;
      }
      this.#failures += 1;
      if (this.#failures >= 2) this.#tell('reconnecting');
      const pause = Math.min(longestPause, shortestPause * 2 ** (this.#failures - 1));
      return (error.retryAfter ?? 0) * 1_000 + pause * (0.5 + Math.random() / 2);
    } finally {
      this.#running = null;
    }
  }

  #tell(state) {
    this.#take({ state });
    this.#channel?.postMessage({ state });
  }

  #take({ reply, state }, isTold = false) {
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

  #sleep(milliseconds) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#sleeping = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
