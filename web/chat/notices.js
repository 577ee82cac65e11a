/**
 * Tells of unread messages: in the tab's title, by a sound and a notification if the person wants them
 * and no tab of the chat is in front. Once for a message, however many tabs are open.
 */
import { texts } from './view.js';

const plainTitle = document.title;

export class Notices {
  #key; #me; #preferences;

  constructor({ live, me, client, preferences }) {
    this.#me = me;
    this.#preferences = preferences;
    this.#key = `nati-chat:${client.base.pathname}:`;
    live.addEventListener('events', ({ detail }) => {
      const { total } = detail.unread;
      document.title = total ? `(${total > 99 ? '99+' : total}) ${plainTitle}` : plainTitle;
      // The tab that asks is one: it tells, the others do not.
      if (detail.isTold) return;
      const message = detail.events.filter((each) => each.type === 'message' && !this.#isOwn(each.message)).at(-1)?.message;
      if (message && !this.#isInFront()) this.#tell(message);
    });
    setInterval(() => this.#noteFront(), 1_000);
    this.#noteFront();
  }

  /** Whether notifications and sound are wanted. */
  get wantsNotices() {
    return this.#preferences.values.browser && globalThis.Notification?.permission === 'granted';
  }

  get wantsSound() {
    return this.#preferences.values.sound;
  }

  async toggleNotices() {
    const isOn = this.wantsNotices;
    if (!isOn && globalThis.Notification) await Notification.requestPermission();
    await this.#preferences.set({ browser: !isOn });
  }

  toggleSound() {
    return this.#preferences.set({ sound: !this.wantsSound });
  }

  #isOwn = (message) => message.sender_type === this.#me.type && message.sender_id === this.#me.id;

  #noteFront() {
    if (!document.hidden && document.hasFocus()) localStorage.setItem(`${this.#key}front`, String(Date.now()));
  }

  #isInFront() {
    return Date.now() - Number(localStorage.getItem(`${this.#key}front`) ?? 0) < 2_500;
  }

  #tell(message) {
    if (this.#preferences.isQuiet) return;
    if (this.wantsSound) this.#beep();
    if (!this.wantsNotices) return;
    const notice = new Notification(texts.newMessageFrom(message.sender_name), {
      body: message.text.slice(0, 120), tag: `nati-chat-${message.message_id}`,
    });
    notice.addEventListener('click', () => {
      window.focus();
      dispatchEvent(new CustomEvent('nati-chat-open', { detail: message.chat_id }));
      notice.close();
    });
  }

  /** A short tone; nothing before the person has touched the page, as browsers rule. */
  #beep() {
    try {
      const audio = new AudioContext();
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      tone.frequency.value = 660;
      volume.gain.setValueAtTime(0.08, audio.currentTime);
      volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.35);
      tone.connect(volume).connect(audio.destination);
      tone.start();
      tone.stop(audio.currentTime + 0.35);
      tone.addEventListener('ended', () => audio.close());
    } catch {
      // No sound here.
    }
  }
}
