/** Requests to the chat's endpoints. */

/** A refusal: the status and the sentence that the program gave. */
export class Refusal extends Error {
  constructor(status, sentence, retryAfter) {
    super(sentence);
    this.status = status;
    this.retryAfter = retryAfter;
  }

  /** Whether the same request may succeed later. */
  get isTransient() {
    return this.status === 429 || this.status >= 500;
  }
}

export class Client {
  /**
   * @param role who is meant if the browser holds several log-ins
   * @param base the folder of the endpoints
   */
  constructor(role, base = new URL('../api/', import.meta.url)) {
    this.role = role;
    this.base = base;
  }

  get(path, fields = {}, options = {}) {
    const url = new URL(path, this.base);
    for (const [name, value] of Object.entries({ as: this.role, ...fields })) {
      if (value !== undefined && value !== null && value !== '') url.searchParams.set(name, value);
    }
    return this.#ask(url, options);
  }

  post(path, fields = {}, options = {}) {
    return this.#ask(new URL(path, this.base), {
      ...options,
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ as: this.role, ...fields }),
    });
  }

  async #ask(url, options) {
    const limit = AbortSignal.timeout ? AbortSignal.timeout(options.milliseconds ?? 20_000) : undefined;
    const signal = options.signal && limit && AbortSignal.any
      ? AbortSignal.any([options.signal, limit]) : options.signal ?? limit;
    const response = await fetch(url, { ...options, signal, credentials: 'same-origin' });
    let body = null;
    try {
      body = await response.json();
    } catch {
      // A web server's own page: it has no sentence for us.
    }
    if (!response.ok || !body?.success) {
      throw new Refusal(response.ok ? 502 : response.status, body?.error ?? '',
        Number(response.headers.get('Retry-After')) || undefined);
    }
    return body;
  }
}
