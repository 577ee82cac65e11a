/** Log-in and sign-up. */
import { Client } from './connection.js';
import { submitted } from './forms.js';
import { page } from './page.js';

const client = new Client();
const form = document.querySelector('form');
const pages = { user: 'customer', worker: 'worker', admin: 'admin-chat' };

/** Only a page of this site: never somewhere else. */
function next(role) {
  const wanted = new URLSearchParams(location.search).get('next');
  const url = wanted ? new URL(wanted, location.origin) : null;
  return url && url.origin === location.origin && !url.pathname.endsWith('/login') ? url.href : page(pages[role]);
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  submitted(form, async (fields) => {
    if (form.dataset.form === 'signup') {
      for (const name of ['phone', 'car_brand']) if (!fields[name].trim()) delete fields[name];
      const { message } = await client.post('auth/signup', fields);
      form.querySelectorAll('label, [type=submit]').forEach((each) => { each.hidden = true; });
      document.querySelector('[data-then]').hidden = false;
      return message;
    }
    const { user } = await client.post('auth/login', { login: fields.login.trim(), password: fields.password });
    location.assign(next(user.type));
    return '';
  });
});
