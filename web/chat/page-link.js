/** The pages that links in mails lead to: a guest comes back, or somebody wants no more mails. */
import { Client } from './connection.js';
import { submitted } from './forms.js';
import { page } from './page.js';
import { texts } from './view.js';

const client = new Client();
// The token stands behind the number sign, and does not stay in the browser's history.
const token = location.hash.slice(1);
history.replaceState({}, '', location.pathname);

const form = document.querySelector('form');
const run = {
  async return() {
    await client.post('chat/return', { token });
    // The widget opens with the chat.
    localStorage.setItem(`nati-chat:${client.base.pathname}:widget`, 'open');
    location.replace(page(''));
  },
  async unsubscribe() {
    await client.post('chat/unsubscribe', { token });
    form.querySelector('button').hidden = true;
    return texts.unsubscribed;
  },
}[form.dataset.link];

form.addEventListener('submit', (event) => {
  event.preventDefault();
  submitted(form, run);
});
