/** The two panes of chats: the list and the conversation; on a phone one at a time. */
import { ChatList } from './chat-list.js';
import { Conversation } from './conversation.js';
import { presence } from './format.js';
import { element, texts } from './view.js';

export class Chats {
  #shared;

  /**
   * @param tools makes what stands in a chat's header: `(chat) => [elements]`
   * @param details what the header says of a chat, beside the name
   */
  constructor(shared, place, { tools = () => [], details = () => '' } = {}) {
    this.#shared = shared;
    this.list = new ChatList(shared);
    this.conversation = new Conversation(shared);
    this.tools = tools;
    this.details = details;
    this.name = element('h2', { dir: 'auto', tabindex: '-1' });
    this.detail = element('p', { class: 'detail', dir: 'auto' });
    this.toolbar = element('div', { class: 'tools' });
    this.back = element('button', { type: 'button', class: 'back', 'aria-label': texts.back, onclick: () => history.back() }, '‹');
    this.header = element('header', { class: 'chat-header' }, this.back, element('div', { class: 'title' }, this.name, this.detail), this.toolbar);
    this.choice = element('p', { class: 'choice' }, texts.chooseChat);
    this.side = element('div', { class: 'side' }, this.list.root);
    this.main = element('div', { class: 'chat', hidden: true }, this.header, this.conversation.root);
    place.append(this.side, element('div', { class: 'main' }, this.choice, this.main));
    this.place = place;
    this.list.addEventListener('choose', ({ detail }) => this.open(detail.chat_id));
    this.list.addEventListener('loaded', () => this.#refreshHeader());
    this.conversation.addEventListener('status', () => this.#refreshHeader());
    addEventListener('nati-chat-open', (event) => {
      event.preventDefault();
      this.open(event.detail);
    });
    addEventListener('popstate', () => this.#fromAddress());
    shared.live.addEventListener('events', ({ detail }) => {
      const lost = detail.events.some((each) => each.type === 'assigned' && each.access === false && each.chat_id === this.conversation.chatID);
      if (lost) {
        this.leave();
        this.choice.textContent = texts.takenOff;
      }
    });
  }

  /** Loads the list, follows what happens, opens the chat of the address. */
  async begin(filter) {
    const page = await this.list.show(filter);
    this.#shared.live.start(page.cursor);
    await this.#fromAddress();
  }

  /** Opens a chat; a new entry in the browser's history, so that "back" leads to the list. */
  async open(id, isNew = true) {
    if (this.conversation.chatID === id) return this.conversation.focus();
    let chat = this.list.chat(id);
    if (isNew) {
      const url = new URL(location);
      url.searchParams.set('chat', id);
      history[this.conversation.chatID ? 'replaceState' : 'pushState']({}, '', url);
    }
    this.choice.textContent = texts.chooseChat;
    this.choice.hidden = true;
    this.main.hidden = false;
    this.place.classList.add('has-chat');
    this.list.choose(id);
    try {
      if (!chat) {
        const page = await this.#shared.client.get('chat/list', { chat_id: id });
        chat = page.chats.find((each) => each.chat_id === id) ?? { chat_id: id, status: 'open' };
      }
      this.chat = chat;
      chat.isAmongStaff = !chat.user_id && !chat.guest_id;
      this.#refreshHeader();
      await this.conversation.open(chat);
      // Whatever the bell told of this chat is seen now.
      if (this.#shared.live.notifications.unread) this.#shared.client.post('chat/notifications/read', { chat_id: id }).catch(() => {});
      if (!matchMedia('(pointer: coarse)').matches) this.conversation.focus();
      else this.name.focus();
    } catch (error) {
      this.leave();
      this.choice.textContent = error.status ? error.message : texts.wrong;
    }
  }

  /** Shows the list alone. */
  leave() {
    this.conversation.leave();
    this.chat = null;
    this.main.hidden = true;
    this.choice.hidden = false;
    this.place.classList.remove('has-chat');
    this.list.choose(null);
    this.list.reload();
  }

  #fromAddress() {
    const id = Number(new URL(location).searchParams.get('chat'));
    if (id) return this.open(id, false);
    if (this.conversation.chatID) this.leave();
  }

  #refreshHeader() {
    if (!this.chat) return;
    const fresh = this.list.chat(this.chat.chat_id);
    if (fresh) Object.assign(this.chat, fresh, { isAmongStaff: this.chat.isAmongStaff, status: this.chat.status });
    const { chat } = this;
    this.name.textContent = chat.other?.name ?? texts.noSubject;
    this.detail.textContent = [
      chat.other ? presence(chat.other) : '', chat.subject, this.details(chat),
      chat.status === 'open' ? '' : texts.status[chat.status],
    ].filter(Boolean).join(' · ');
    if (!this.toolbar.contains(document.activeElement)) this.toolbar.replaceChildren(...this.tools(chat));
  }
}
