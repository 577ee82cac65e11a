/** The customer's dashboard. */
import { presence } from './format.js';
import { begin } from './page.js';
import { avatar, element, texts } from './view.js';

const { client, live } = await begin('user');
const find = (name) => document.querySelector(`[data-${name}]`);

const showUnread = (total) => {
  const badge = find('unread');
  badge.hidden = !total;
  badge.textContent = total > 99 ? '99+' : String(total);
  badge.setAttribute('aria-label', texts.unread(total));
};
live.addEventListener('events', ({ detail }) => {
  showUnread(detail.unread.total);
  if (detail.events.some((event) => event.type === 'presence')) showTeam();
});

async function showTeam() {
  const { people } = await client.get('chat/people', { limit: 20 });
  find('team').replaceChildren(...people.map((person) => element('li', {},
    element('span', { class: `portrait ${person.online ? 'is-online' : ''}` }, avatar(person)),
    element('span', {}, element('strong', { dir: 'auto' }, person.name), ' ',
      element('span', { class: `role ${person.type}` }, texts.role[person.type]),
      element('span', { class: 'detail' }, presence(person))))));
}

live.start();
const { profile } = await client.get('chat/profile');
find('welcome').textContent = texts.welcome(profile.name);
for (const name of ['name', 'email', 'phone', 'car_brand']) find(name.replace('_', '-')).textContent = profile[name] || '–';
await showTeam();
