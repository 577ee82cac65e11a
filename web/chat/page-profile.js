/** The customer's own data. */
import { submitted } from './forms.js';
import { begin } from './page.js';
import { preferencesForm } from './preferences.js';
import { texts } from './view.js';

const { client, live, preferences } = await begin('user');
live.start();
const { profile } = await client.get('chat/profile');
const data = document.querySelector('[data-profile]');
for (const name of ['name', 'phone', 'car_brand']) data.elements[name].value = profile[name] ?? '';
data.elements.email.value = profile.email;
data.addEventListener('submit', (event) => {
  event.preventDefault();
  submitted(data, async () => {
    const fields = {};
    for (const name of ['name', 'phone', 'car_brand']) {
      const value = data.elements[name].value.trim();
      if (value || name === 'name') fields[name] = value;
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
document.querySelector('[data-notifications]').append(preferencesForm(preferences).form);
