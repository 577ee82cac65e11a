/** What was tried so that somebody hears of a chat's messages: for admins. */
import { moment } from './format.js';
import { element, texts, time } from './view.js';

/** The button that shows it in a dialog. */
export function deliveriesButton(client, chat) {
  return element('button', { type: 'button', class: 'quiet', 'data-tool': 'deliveries', onclick: () => show(client, chat) }, texts.deliveries);
}

async function show(client, chat) {
  const list = element('ul', { class: 'deliveries' });
  const dialog = element('dialog', { 'aria-labelledby': 'deliveries-title', 'data-deliveries': true },
    element('h2', { id: 'deliveries-title' }, texts.deliveries), list,
    element('button', { type: 'button', class: 'quiet', onclick: () => dialog.close() }, texts.close));
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  try {
    const { deliveries } = await client.get('chat/deliveries', { chat_id: chat.chat_id, limit: 50 });
    list.replaceChildren(...deliveries.map(item));
    if (!deliveries.length) list.replaceChildren(element('li', {}, texts.nothingTried));
  } catch (error) {
    list.replaceChildren(element('li', {}, error.message || texts.wrong));
  }
}

function item(delivery) {
  const details = [
    moment(delivery.created_at),
    delivery.way === 'bell' && delivery.finished_at ? texts.seen(moment(delivery.finished_at)) : '',
    delivery.way === 'mail' && delivery.attempts ? texts.attempts(delivery.attempts, delivery.next_attempt_at ? time(delivery.next_attempt_at) : '') : '',
    delivery.error,
  ].filter(Boolean).join(' · ');
  return element('li', {},
    element('strong', {}, `${texts.way[delivery.way]}: ${texts.delivery[delivery.state]}`), ' ',
    element('span', { dir: 'auto' }, delivery.recipient.name), element('p', { class: 'detail' }, details));
}
