/**
 * How the person wants to be told of messages: kept by the program, the same in every browser, and
 * known to all tabs of this one.
 */
import { submitted } from './forms.js';
import { element, texts } from './view.js';

export class Preferences {
  #client; #key;

  constructor(client, me, values) {
    this.#client = client;
    this.#key = `nati-chat:${client.base.pathname}:preferences:${me.type}:${me.id}`;
    this.hasOwnAddress = me.type === 'worker' || me.type === 'admin';
    this.#keep(values);
  }

  get values() {
    return JSON.parse(localStorage.getItem(this.#key)) ?? {};
  }

  async set(fields) {
    this.#keep((await this.#client.post('chat/preferences', { ...fields, utc_offset: -new Date().getTimezoneOffset() })).preferences);
  }

  #keep(values) {
    localStorage.setItem(this.#key, JSON.stringify(values));
  }

  /** Whether it is a time at which nothing may sound or pop up. */
  get isQuiet() {
    const { quiet_from: from, quiet_until: until } = this.values;
    if (!from || !until || from === until) return false;
    const now = new Date().toTimeString().slice(0, 5);
    return from < until ? from <= now && now < until : from <= now || now < until;
  }
}

/** The form of all preferences. */
export function preferencesForm(preferences) {
  const check = (name, label) => element('label', { class: 'check' }, element('input', { type: 'checkbox', name }), ' ', label);
  const time = (name, label) => element('label', {}, label, element('input', { type: 'time', name }));
  const form = element('form', { 'data-preferences': true },
    check('mail', texts.mailMissed),
    preferences.hasOwnAddress ? element('label', {}, texts.mailAddress, element('input', { type: 'email', name: 'mail_address', maxlength: '254', autocomplete: 'email' })) : null,
    check('browser', texts.showNotices), check('sound', texts.playSound),
    element('div', { class: 'pair' }, time('quiet_from', texts.quietFrom), time('quiet_until', texts.quietUntil)),
    element('button', { type: 'submit', class: 'primary' }, texts.save),
    element('p', { role: 'alert', class: 'told' }));
  const show = () => {
    const { values } = preferences;
    for (const field of form.elements) {
      if (field.type === 'checkbox') field.checked = values[field.name];
      else if (field.name) field.value = values[field.name] ?? '';
    }
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submitted(form, async () => {
      const fields = {};
      for (const field of form.elements) {
        if (field.name) fields[field.name] = field.type === 'checkbox' ? field.checked : field.value;
      }
      if (fields.browser && globalThis.Notification?.permission === 'default') await Notification.requestPermission();
      await preferences.set(fields);
      show();
      return texts.saved;
    });
  });
  show();
  return { form, show };
}
