/** The panels of workers and admins: what an admin has more stands below `isAdmin`. */
import { Chats } from './chats.js';
import { deliveriesButton } from './deliveries.js';
import { debounced, submitted } from './forms.js';
import { begin } from './page.js';
import { element, texts } from './view.js';

const role = document.body.dataset.role;
const isAdmin = role === 'admin';
const shared = await begin(role);
const { client } = shared;
let technicians = [];

const change = async (path, chat, fields = {}) => {
  try {
    await client.post(`chat/${path}`, { chat_id: chat.chat_id, ...fields });
  } catch (error) {
    alert.textContent = error.message || texts.wrong;
  }
  chats.list.reload();
};
const tool = (label, path, chat) => element('button', { type: 'button', class: 'quiet', 'data-tool': path, onclick: () => change(path, chat) }, label);

function tools(chat) {
  const made = [];
  if (isAdmin && !chat.isAmongStaff) made.push(assignment(chat));
  if (chat.status === 'closed') return [...made, tool(texts.reopen, 'reopen', chat), ...(isAdmin ? [deliveriesButton(client, chat)] : [])];
  if (!chat.isAmongStaff && chat.status !== 'pending') made.push(tool(texts.waitForCustomer, 'pending', chat));
  if (chat.status !== 'escalated') made.push(tool(isAdmin ? texts.escalate : texts.needsAdmin, 'escalate', chat));
  made.push(tool(isAdmin ? texts.close : texts.resolved, 'close', chat));
  if (isAdmin) made.push(deliveriesButton(client, chat));
  return made;
}

const choiceOf = (technician) => `${technician.online ? '● ' : '○ '}${technician.full_name} – ${texts.openChats(technician.open_chats)}`;

/** Who may be assigned, with who is online and how many open chats each has. */
function assignment(chat) {
  const choice = element('select', { 'aria-label': texts.assignTo, 'data-assign': true, onchange: () => change('assign_worker', chat, { worker_id: choice.value || null }) },
    element('option', { value: '' }, `${texts.assignTo}: ${texts.nobody}`),
    technicians.map((each) => element('option', { value: each.id }, choiceOf(each))));
  choice.value = chat.worker_id ?? '';
  return choice;
}

const chats = new Chats(shared, document.querySelector('[data-chats]'), {
  tools,
  details: (chat) => [chat.contact?.email, chat.contact?.phone, chat.contact?.car_brand].filter(Boolean).join(' · '),
});
const alert = element('p', { role: 'alert', class: 'told' });

// Filters
const filters = {
  active: { status: 'active' }, open: { status: 'open' }, escalated: { status: 'escalated' },
  pending: { status: 'pending' }, closed: { status: 'closed' }, all: {},
  ...(isAdmin ? { unassigned: { status: 'active', assigned_to: 'none' }, guests: { guest: 'any' }, customers: { customer: 'any' } } : {}),
};
const labels = { active: texts.active, all: texts.all, unassigned: texts.unassigned, guests: texts.guests, customers: texts.customers, ...texts.status };
const filter = element('select', { 'aria-label': texts.chats, 'data-filter': true }, Object.keys(filters).map((name) => element('option', { value: name }, labels[name])));
const worker = element('select', { 'aria-label': texts.assignTo, 'data-worker': true });
const search = element('input', { type: 'search', placeholder: texts.search, 'aria-label': texts.search, dir: 'auto' });
const show = () => chats.list.show({ ...filters[filter.value], ...(worker.value ? { assigned_to: worker.value } : {}), q: search.value.trim() });
filter.addEventListener('change', show);
worker.addEventListener('change', show);
search.addEventListener('input', debounced(250, show));
chats.side.prepend(element('div', { class: 'filters' }, search, filter, isAdmin ? worker : null, alert));

async function showTechnicians() {
  ({ technicians } = await client.get('chat/get_technicians'));
  const chosen = worker.value;
  worker.replaceChildren(element('option', { value: '' }, `${texts.role.worker}: ${texts.all}`),
    ...technicians.map((each) => element('option', { value: each.id }, each.full_name)));
  worker.value = chosen;
  for (const each of technicians) {
    const shown = chats.toolbar.querySelector(`[data-assign] option[value="${each.id}"]`);
    if (shown) shown.textContent = choiceOf(each);
  }
}

// A new chat with somebody, and new staff
const dialog = document.querySelector('[data-new-chat]');
const people = dialog.querySelector('ul');
const finding = dialog.querySelector('input');
const find = debounced(200, async () => {
  const found = await client.get('chat/people', { q: finding.value.trim(), limit: 20 });
  const partners = found.people.filter((each) => each.type !== (isAdmin ? 'admin' : 'worker'));
  people.replaceChildren(...partners.map((each) => element('li', {}, element('button', {
    type: 'button', class: 'quiet',
    onclick: async () => {
      const { chat_id: id } = await client.post('chat/start', { [`${each.type}_id`]: each.id });
      dialog.close();
      await show();
      await chats.open(id);
    },
  }, element('strong', { dir: 'auto' }, each.name), ' ', element('span', { class: `role ${each.type}` }, texts.role[each.type])))));
});
finding.addEventListener('input', find);
for (const opener of document.querySelectorAll('[data-open]')) {
  opener.addEventListener('click', () => {
    document.querySelector(`[data-${opener.dataset.open}]`).showModal();
    if (opener.dataset.open === 'new-chat') find();
  });
}
for (const closer of document.querySelectorAll('[data-close]')) closer.addEventListener('click', () => closer.closest('dialog').close());
const staff = document.querySelector('[data-new-staff] form');
staff?.addEventListener('submit', (event) => {
  event.preventDefault();
  submitted(staff, async (fields) => {
    const { user } = await client.post('auth/staff', fields);
    staff.reset();
    await showTechnicians();
    return texts.made(user.name);
  });
});

if (isAdmin) {
  await showTechnicians();
  shared.live.addEventListener('events', ({ detail }) => {
    if (detail.events.some((event) => ['presence', 'assigned', 'status', 'chat'].includes(event.type))) refreshTechnicians();
  });
}
const refreshTechnicians = debounced(1_000, () => showTechnicians().catch(() => {}));
await chats.begin(filters.active);
