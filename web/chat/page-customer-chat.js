/** The customer's chats. */
import { Chats } from './chats.js';
import { submitted } from './forms.js';
import { begin } from './page.js';
import { element, texts } from './view.js';

const shared = await begin('user');
const chats = new Chats(shared, document.querySelector('[data-chats]'));

const form = element('form', { class: 'start' },
  element('label', {}, texts.subject, element('input', { name: 'subject', maxlength: '200', dir: 'auto' })),
  element('button', { type: 'submit', class: 'primary', id: 'start-chat' }, texts.startChat),
  element('p', { role: 'alert', class: 'told' }));
chats.side.prepend(form);
const start = () => submitted(form, async ({ subject }) => {
  const { chat_id: id } = await shared.client.post('chat/start', { subject });
  form.reset();
  await chats.list.show();
  await chats.open(id);
});
form.addEventListener('submit', (event) => {
  event.preventDefault();
  start();
});
chats.conversation.closed.append(element('button', { type: 'button', class: 'primary', onclick: start }, texts.startNew));
await chats.begin({});
if (new URL(location).searchParams.get('start')) {
  history.replaceState({}, '', location.pathname);
  await start();
}
