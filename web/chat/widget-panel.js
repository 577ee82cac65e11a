/** The widget's panel: who the visitor is, the chat, or the form that starts one. */
import { Client } from './client.js';
import { Conversation } from './conversation.js';
import { element } from './elements.js';
import { Live } from './live.js';
import { Outbox } from './outbox.js';
import { texts } from './texts.js';

const sheet = (name) => new Promise((resolve) => {
  const link = element('link', { rel: 'stylesheet', href: new URL(name, import.meta.url).href });
  link.addEventListener('load', () => resolve());
  link.addEventListener('error', () => resolve());
  sheets.push(link);
});
const sheets = [];

class Panel {
  #client = new Client();
  #me = null;
  #conversation = null;
  #live = null;
  #begun = null;
  #places;

  constructor(places) {
    this.#places = places;
    this.title = element('h2', { id: 'nati-chat-title' }, texts.openChat);
    this.another = element('button', { type: 'button', hidden: true, onclick: () => this.#showWelcome() }, texts.anotherChat);
    this.note = element('p', { class: 'note', role: 'status', hidden: true });
    this.body = element('div', { class: 'chat', hidden: true });
    this.root = element('div', { class: 'panel', role: 'dialog', 'aria-labelledby': 'nati-chat-title', hidden: true },
      element('div', { class: 'top' }, this.title, this.another,
        element('button', { type: 'button', 'aria-label': texts.closeChat, onclick: () => this.close() }, '✕')),
      this.note);
    this.root.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.close();
    });
    if (places.colour) this.root.style.setProperty('--own', places.colour);
    places.root.append(this.root);
    const note = () => {
      const state = this.#live?.state ?? 'online';
      this.note.hidden = navigator.onLine && state === 'online';
      this.note.textContent = state === 'signed-out' ? texts.signedOut : navigator.onLine ? texts.reconnecting : texts.offline;
    };
    this.showNote = note;
    addEventListener('online', note);
    addEventListener('offline', note);
  }

  toggle() {
    return this.root.hidden ? this.open() : this.close();
  }

  /** Shows the panel; `isAsked` if the visitor pressed the button, who then goes on inside. */
  async open(isAsked = true) {
    this.root.hidden = false;
    this.#places.button.setAttribute('aria-expanded', 'true');
    if (this.#me) this.#remember('open');
    await this.begin();
    if (isAsked) this.root.querySelector('textarea:not([hidden])')?.focus();
  }

  close() {
    this.root.hidden = true;
    this.#places.button.setAttribute('aria-expanded', 'false');
    if (this.#me) this.#remember('closed');
    this.#places.button.focus();
  }

  #remember(state) {
    try {
      localStorage.setItem(this.#places.known, state);
    } catch {
      // A browser that keeps nothing: the chat works all the same.
    }
  }

  /** Finds out who it is, once, and shows the chat that is open. */
  begin() {
    this.#begun ??= this.#begin();
    return this.#begun;
  }

  async #begin() {
    try {
      const { identities } = await this.#client.get('auth/me');
      const me = identities.find((each) => each.type === 'user') ?? identities.find((each) => each.type === 'guest');
      if (me) {
        await this.#become(me);
        const { chats, cursor } = await this.#client.get('chat/list', { limit: 20 });
        this.#live.start(cursor);
        const open = chats.find((each) => each.status !== 'closed') ?? chats[0];
        return open ? await this.#show(open) : this.#showWelcome();
      }
    } catch (error) {
      if (error.status !== 401) {
        this.note.hidden = false;
        this.note.textContent = error.message && error.status ? error.message : texts.offline;
      } else {
        localStorage.removeItem(this.#places.known);
      }
    }
    this.#showWelcome();
  }

  async #become(me) {
    this.#me = me;
    this.#client.role = me.type;
    const live = new Live(this.#client, me);
    const outbox = new Outbox(this.#client, me);
    this.#live = live;
    this.#conversation = new Conversation({ client: this.#client, live, outbox, me });
    this.#conversation.closed.append(element('button', { type: 'button', class: 'primary', onclick: () => this.#showWelcome() }, texts.startNew));
    this.root.append(this.#conversation.root);
    live.addEventListener('state', this.showNote);
    live.addEventListener('events', ({ detail }) => {
      const { total } = detail.unread;
      this.#places.count.hidden = !total;
      this.#places.count.textContent = total > 99 ? '99+' : String(total);
      this.#places.button.setAttribute('aria-label', total ? `${texts.openChat}, ${texts.unread(total)}` : texts.openChat);
    });
    addEventListener('pagehide', (event) => {
      if (!event.persisted) live.stop();
    });
    this.#remember(this.root.hidden ? 'closed' : 'open');
  }

  async #show(chat) {
    this.form?.remove();
    this.form = null;
    this.title.textContent = chat.other?.name ?? texts.openChat;
    this.another.hidden = false;
    this.#conversation.root.hidden = false;
    await this.#conversation.open(chat);
  }

  #showWelcome() {
    this.form?.remove();
    this.another.hidden = true;
    if (this.#conversation) this.#conversation.root.hidden = true;
    const isGuest = !this.#me;
    const told = element('p', { class: 'told', role: 'alert' });
    const text = element('textarea', { name: 'message', rows: '4', required: true, maxlength: '4000', dir: 'auto', 'aria-label': texts.write, placeholder: texts.write });
    this.form = element('form', { class: 'welcome' },
      element('p', {}, this.#places.greeting || texts.greeting), text,
      isGuest ? element('label', {}, texts.name, element('input', { name: 'name', maxlength: '100', autocomplete: 'name', dir: 'auto' })) : null,
      isGuest ? element('label', {}, texts.email, element('input', { name: 'email', type: 'email', autocomplete: 'email' })) : null,
      told, element('button', { type: 'submit', class: 'primary' }, texts.startChat));
    // The same for every try: the chat and its message are made once.
    const key = crypto.randomUUID?.();
    this.form.addEventListener('submit', async (event) => {
      event.preventDefault();
      const button = this.form.querySelector('[type=submit]');
      const { message, name, email } = Object.fromEntries(new FormData(this.form));
      if (!message.trim()) return text.focus();
      button.disabled = true;
      told.textContent = '';
      try {
        const fields = { message: message.trim(), client_message_id: key };
        if (name?.trim()) fields.name = name.trim();
        if (email?.trim()) fields.email = email.trim();
        const reply = await this.#client.post('chat/start', fields);
        if (!this.#me) {
          await this.#become((await this.#client.get('auth/me', { as: 'guest' })).user);
          this.#live.start();
        }
        await this.#show(reply.chat);
        this.#conversation.focus();
      } catch (error) {
        told.textContent = error.message && error.status ? error.message : navigator.onLine ? texts.wrong : texts.offline;
        button.disabled = false;
      }
    });
    this.root.append(this.form);
  }
}

/** Puts the panel beside the button. */
export async function mount(places) {
  const loaded = ['colours.css', 'conversation.css', 'widget.css'].map(sheet);
  places.root.append(...sheets);
  await Promise.all(loaded);
  const panel = new Panel(places);
  if (localStorage.getItem(places.known)) panel.begin();
  return panel;
}
