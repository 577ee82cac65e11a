/** Forms and fields that send to the program. */
import { texts } from './view.js';

/** Shows what a form's request said, beside the form. */
export async function submitted(form, run) {
  const told = form.querySelector('[role=alert]');
  const button = form.querySelector('[type=submit]');
  told.textContent = '';
  told.className = 'told';
  button.disabled = true;
  try {
    const said = await run(Object.fromEntries(new FormData(form)));
    if (said) told.textContent = said;
    told.classList.add('good');
  } catch (error) {
    told.textContent = error.message && error.status ? error.message : texts.wrong;
  } finally {
    button.disabled = false;
  }
}

/** Runs the last of several calls, a while after it. */
export function debounced(milliseconds, run) {
  let timer;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => run(...values), milliseconds);
  };
}
