/**
 * The chat button for any page:
 * <script src="/chat/widget.js" async data-greeting="…" data-colour="#0b5d4e"></script>
 *
 * Nothing else is loaded before the visitor presses the button, or has chatted here before.
 */
(() => {
  const { src, dataset } = document.currentScript;
  const known = `nati-chat:${new URL('../api/', src).pathname}:widget`;
  const remembered = () => {
    try {
      return localStorage.getItem(known);
    } catch {
      return null;
    }
  };

  const start = () => {
    const host = document.createElement('nati-chat');
    const shadow = host.attachShadow({ mode: 'open' });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`
      :host { all: initial; }
      .launch { position: fixed; right: max(18px, env(safe-area-inset-right)); bottom: max(18px, env(safe-area-inset-bottom)); z-index: 2147483000;
        width: 60px; height: 60px; padding: 0; border: 0; border-radius: 50%; cursor: pointer; background: var(--button, #0b5d4e); color: #fff; box-shadow: 0 4px 18px #0005; }
      .launch:focus-visible { outline: 3px solid #fff; outline-offset: -6px; }
      svg { width: 30px; height: 30px; display: block; margin: auto; }
      .count { position: absolute; top: -4px; right: -4px; min-width: 22px; padding: 0 5px; border-radius: 11px; background: #c62828; font: 700 13px/22px system-ui, sans-serif; box-sizing: border-box; }
      [hidden] { display: none !important; }`);
    shadow.adoptedStyleSheets = [sheet];
    shadow.innerHTML = '<section aria-label="Chat"><button class="launch" type="button" aria-haspopup="dialog"><svg viewBox="0 0 24 24" aria-hidden="true"><path fill="currentColor" d="M4 3h16a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2h-8l-5 4.5v-4.5H4a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2z"/></svg><span class="count" hidden></span></button></section>';
    const root = shadow.firstChild;
    const button = root.firstChild;
    button.setAttribute('aria-label', dataset.label || 'Chat with us');
    if (dataset.colour) button.style.setProperty('--button', dataset.colour);
    document.body.append(host);

    let panel;
    const load = () => (panel ??= import(new URL('widget-panel.js', src))
      .then(({ mount }) => mount({ ...dataset, root, button, known }))
      .catch(() => { panel = null; }));
    button.addEventListener('click', async () => (await load())?.toggle());
    // Somebody who has chatted here: the badge tells of answers, and an open panel stays open.
    if (remembered()) load().then((shown) => remembered() === 'open' && shown?.open(false));
  };

  const whenIdle = () => ('requestIdleCallback' in window ? requestIdleCallback(start, { timeout: 3_000 }) : setTimeout(start, 500));
  if (document.readyState === 'complete') whenIdle();
  else addEventListener('load', whenIdle, { once: true });
})();
