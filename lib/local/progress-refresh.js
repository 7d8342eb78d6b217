// Runs in the browser: puts the progress of now in the place of what is shown, without touching what has not changed,
// so that focus, scroll position, selection and opened details stay as they are.
const EVERY_MS = 2_000;
const place = document.getElementById('progress');
const button = document.getElementById('pause');
const trouble = document.getElementById('trouble');
let isPaused = false;
let timer;

/** Makes `old` like `fresh`. Children with an id keep their node, wherever among their siblings they are now. */
function update(old, fresh) {
  updateAttributes(old, fresh);
  // What is gone goes first: then nothing that stays has to be moved, and a moved element would lose the focus.
  const staying = new Set([...fresh.children].map(child => child.id));
  for (const child of [...old.children]) if (child.id && !staying.has(child.id)) child.remove();
  const byId = new Map([...old.children].filter(child => child.id).map(child => [child.id, child]));
  let next = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    const same = child.id ? byId.get(child.id) : isAlike(next, child) ? next : undefined;
    if (same === undefined) {
      old.insertBefore(document.importNode(child, true), next);
      continue;
    }
    // Text between two elements, say, of which the first is gone.
    while (same.id && next && next !== same && !next.id) next = dropped(next);
    if (same === next) next = next.nextSibling;
    else old.insertBefore(same, next);
    if (same.nodeType === Node.ELEMENT_NODE) update(same, child);
    else if (same.data !== child.data) same.data = child.data;
  }
  while (next) next = dropped(next);
}

/** Removes a node. @returns the one that came after it */
function dropped(node) {
  const after = node.nextSibling;
  node.remove();
  return after;
}

function isAlike(node, other) {
  return node?.nodeName === other.nodeName && !node.id;
}

function updateAttributes(old, fresh) {
  for (const { name } of [...old.attributes]) {
    // Whether details are open is for the reader to say.
    if (!fresh.hasAttribute(name) && name !== 'open') old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}

/** The focused element may be in another list now, which may be folded: then the line that unfolds it is near enough. */
function keepFocus(focused) {
  if (focused === null || document.activeElement === focused) return;
  let target = document.getElementById(focused.id);
  for (let list = target?.closest('details'); list; list = list.parentElement.closest('details')) {
    if (!list.open) target = list.querySelector('summary');
  }
  (target ?? place).focus({ preventScroll: true });
}

async function refresh() {
  clearTimeout(timer);
  try {
    const response = await fetch('/progress', { signal: AbortSignal.timeout(15_000) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const fresh = new DOMParser().parseFromString(await response.text(), 'text/html').body;
    if (!isPaused) show(fresh);
    trouble.textContent = '';
  } catch {
    const text = 'The service does not answer. This is what was known last; it is asked again.';
    if (trouble.textContent !== text) trouble.textContent = text;
  }
  schedule();
}

function show(fresh) {
  const focused = place.contains(document.activeElement) ? document.activeElement : null;
  const attributes = [...place.attributes];
  for (const { name, value } of attributes) fresh.setAttribute(name, value);
  update(place, fresh);
  keepFocus(focused);
  document.title = place.querySelector('[data-title]')?.dataset.title ?? document.title;
}

function schedule() {
  clearTimeout(timer);
  if (!isPaused && !document.hidden) timer = setTimeout(refresh, EVERY_MS);
}

button.hidden = false;
button.addEventListener('click', () => {
  isPaused = !isPaused;
  button.textContent = isPaused ? 'Resume updates' : 'Pause updates';
  if (isPaused) clearTimeout(timer);
  else refresh();
});
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && !isPaused) refresh();
});
schedule();
