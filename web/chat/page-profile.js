/** The customer's own data. */
import { begin, submitted } from './page.js';
import { texts } from './texts.js';

const { client, live } = await begin('user');
live.start();
const { profile } = await client.get('chat/profile');
const data = document.querySelector('[data-profile]');
for (const name of ['name', 'phone', 'car_brand']) data.elements[name].value = profile[name] ?? '';
data.elements.email.value = profile.email;
const wishes = profile.notification_preferences ?? {};
data.elements.email_notices.checked = wishes.email !== false;
data.addEventListener('submit', (event) => {
  event.preventDefault();
  submitted(data, async () => {
    const fields = {};
    for (const name of ['name', 'phone', 'car_brand']) {
      const value = data.elements[name].value.trim();
      if (value || name === 'name') fields[name] = value;
    }
    if (profile.notification_preferences !== undefined) {
      fields.notification_preferences = { ...wishes, email: data.elements.email_notices.checked };
    }
    await client.post('chat/profile', fields);
    return texts.saved;
  });
});
const password = document.querySelector('[data-password]');
password.addEventListener('submit', (event) => {
  event.preventDefault();
  submitted(password, async (fields) => {
    await client.post('chat/profile', fields);
    password.reset();
    return texts.saved;
  });
});
