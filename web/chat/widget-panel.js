/** The widget's panel: who the visitor is, the chat, or the form that starts one. */
import { Client, Live, Outbox, identifier } from './connection.js';
import { Conversation } from './conversation.js';
import { element, texts } from './view.js';

class Panel {
  #client = new Client();
  #me; #conversation; #live; #begun; #places; #form;

  constructor(places) {
    this.#places = places;
    this.title = element('h2', { id: 'title' }, texts.openChat);
    this.another = element('button', { type: 'button', hidden: true, onclick: () => this.#showWelcome() }, texts.anotherChat);
    this.note = element('p', { class: 'widget-note', role: 'status', hidden: true });
    this.root = element('div', {
      class: 'widget', role: 'dialog', 'aria-labelledby': 'title', hidden: true,
      onkeydown: ({ key }) => key === 'Escape' && this.#close(),
    },
    element('div', { class: 'widget-top' }, this.title, this.another,
      element('button', { type: 'button', 'aria-label': texts.closeChat, onclick: () => this.#close() }, '✕')),
    this.note);
    if (places.colour) this.root.style.setProperty('--own', places.colour);
    places.root.append(this.root);
    addEventListener('online', this.#showState);
    addEventListener('offline', this.#showState);
  }

  toggle() {
    return this.root.hidden ? this.open() : this.#close();
  }

  /** @param isAsked whether the visitor pressed the button, and goes on inside */
  async open(isAsked = true) {
    this.#turn(true);
    await this.begin();
    if (isAsked) this.root.querySelector('textarea:not([hidden])')?.focus();
  }

  #close() {
    this.#turn(false);
    this.#places.button.focus();
  }

  #turn(isOpen) {
    this.root.hidden = !isOpen;
    this.#places.button.setAttribute('aria-expanded', isOpen);
    this.#remember();
  }

  #remember() {
    if (this.#me) localStorage.setItem(this.#places.known, this.root.hidden ? 'closed' : 'open');
  }

  #showState = () => this.#showNote(navigator.onLine
    ? { reconnecting: texts.reconnecting, 'signed-out': texts.signedOut }[this.#live?.state] : texts.offline);

  #showNote(text = '') {
    this.note.textContent = text;
    this.note.hidden = !text;
  }

  begin() {
    return this.#begun ??= this.#begin();
  }

  async #begin() {
    try {
      const { identities } = await this.#client.get('auth/me');
      const me = ['user', 'guest'].map((type) => identities.find((each) => each.type === type)).find(Boolean);
      if (me) {
        this.#become(me);
        const { chats, cursor } = await this.#client.get('chat/list', { limit: 20 });
        this.#live.start(cursor);
        const chat = chats.find((each) => each.status !== 'closed') ?? chats[0];
        if (chat) return await this.#show(chat);
      }
    } catch (error) {
      if (error.status === 401) localStorage.removeItem(this.#places.known);
      else this.#showNote(error.status && error.message || texts.offline);
    }
    this.#showWelcome();
  }

  #become(me) {
    this.#me = me;
    this.#client.role = me.type;
    const live = this.#live = new Live(this.#client, me);
    this.#conversation = new Conversation({ client: this.#client, live, outbox: new Outbox(this.#client, me), me });
    this.#conversation.closed.append(element('button', { type: 'button', class: 'primary', onclick: () => this.#showWelcome() }, texts.startNew));
    this.root.append(this.#conversation.root);
    live.addEventListener('state', this.#showState);
    const { button } = this.#places;
    live.addEventListener('events', ({ detail: { unread: { total } } }) => {
      button.lastChild.hidden = !total;
      button.lastChild.textContent = total > 99 ? '99+' : total;
      button.setAttribute('aria-label', total ? `${texts.openChat}, ${texts.unread(total)}` : texts.openChat);
    });
    addEventListener('pagehide', ({ persisted }) => persisted || live.stop());
    this.#remember();
  }

  async #show(chat) {
    this.#form?.remove();
    this.title.textContent = chat.other?.name ?? texts.openChat;
    this.another.hidden = this.#conversation.root.hidden = false;
    await this.#conversation.open(chat);
  }

  #showWelcome() {
    this.#form?.remove();
    this.another.hidden = true;
    if (this.#conversation) this.#conversation.root.hidden = true;
    const told = element('p', { class: 'told', role: 'alert' });
    const text = element('textarea', { name: 'message', rows: 4, required: true, maxlength: 4000, dir: 'auto', 'aria-label': texts.write, placeholder: texts.write });
    const button = element('button', { class: 'primary' }, texts.startChat);
    const ask = (label, name, type) => !this.#me && element('label', {}, label, element('input', { name, type, maxlength: 100, autocomplete: name, dir: 'auto' }));
    // The same for every try: one chat is made.
    const id = identifier();
    const start = async (event) => {
      event.preventDefault();
      const fields = Object.fromEntries([...new FormData(this.#form)].map(([name, value]) => [name, value.trim()]).filter(([, value]) => value));
      if (!fields.message) return text.focus();
      button.disabled = true;
      told.textContent = '';
      try {
        const { chat } = await this.#client.post('chat/start', { ...fields, client_message_id: id });
        if (!this.#me) {
          this.#become((await this.#client.get('auth/me', { as: 'guest' })).user);
          this.#live.start();
        }
        await this.#show(chat);
        this.#conversation.focus();
      } catch (error) {
        told.textContent = error.status && error.message || (navigator.onLine ? texts.wrong : texts.offline);
        button.disabled = false;
      }
    };
    this.#form = element('form', { class: 'welcome', onsubmit: start },
      element('p', {}, this.#places.greeting || texts.greeting), text,
      ask(texts.name, 'name', 'text'), ask(texts.email, 'email', 'email'), told, button);
    this.root.append(this.#form);
  }
}

export async function mount(places) {
  await new Promise((resolve) => {
    places.root.append(element('link', { rel: 'stylesheet', href: new URL('conversation.css', import.meta.url), onload: resolve, onerror: resolve }));
  });
  const panel = new Panel(places);
  if (localStorage.getItem(places.known)) panel.begin();
  return panel;
}
