/** Search dialog. The index is loaded when the dialog is first opened. */
import MiniSearch from 'minisearch';
import { SEARCH_OPTIONS } from './search-options.ts';

/** Number of results shown. */
const SHOWN = 12;

/** Opens the dialog on its button and on the keys / and Ctrl+K. `root` is the address of the site. */
export function startSearch(root: string): void {
  const dialog = document.querySelector<HTMLDialogElement>('dialog.finder');
  const input = dialog?.querySelector('input');
  if (!dialog || !input) return;
  const open = (): void => {
    if (dialog.open) return;
    dialog.showModal();
    input.select();
    void loadIndex(root).then(() => input.dispatchEvent(new Event('input')));
  };
  document.querySelector('button.search')?.addEventListener('click', open);
  document.addEventListener('keydown', (event) => {
    const isTyping = event.target instanceof Element && event.target.closest('input, textarea, select') !== null;
    const isShortcut = (event.key === '/' && !isTyping) || (event.key === 'k' && (event.ctrlKey || event.metaKey));
    if (!isShortcut) return;
    event.preventDefault();
    open();
  });
  dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
  input.addEventListener('input', () => void show(input.value, dialog, root));
  dialog.addEventListener('keydown', (event) => move(event, dialog, input));
  dialog.querySelector('form')?.addEventListener('submit', (event) => {
    event.preventDefault();
    dialog.querySelector<HTMLAnchorElement>('.found a')?.click();
  });
}

let loading: Promise<MiniSearch> | undefined;

function loadIndex(root: string): Promise<MiniSearch> {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = `${root.replace(/\/?$/, '/')}assets/search-index.js`;
    script.onload = () => {
      const { fusewireSearchIndex } = globalThis as unknown as { fusewireSearchIndex: string };
      resolve(MiniSearch.loadJSON(fusewireSearchIndex, SEARCH_OPTIONS));
    };
    script.onerror = () => reject(new Error(`the search index cannot be loaded from ${script.src}`));
    document.head.append(script);
  });
  return loading;
}

async function show(query: string, dialog: HTMLDialogElement, root: string): Promise<void> {
  const index = await loadIndex(root);
  const results = query.trim() === '' ? [] : index.search(query).slice(0, SHOWN);
  const items = results.map((result) => {
    const item = document.createElement('li');
    const link = document.createElement('a');
    link.href = root.replace(/\/?$/, '/') + String(result.id);
    link.addEventListener('click', () => dialog.close());
    link.append(
      element('strong', result['heading']),
      element('span', result['page']),
      element('p', excerpt(result['text'], result.terms)),
    );
    item.append(link);
    return item;
  });
  dialog.querySelector('.found')?.replaceChildren(...items);
  const hint = dialog.querySelector('.hint');
  if (hint) hint.textContent = query.trim() === '' ? '' : results.length === 0 ? 'Nothing found.' : '';
}

function element(tag: string, text: string): HTMLElement {
  const created = document.createElement(tag);
  created.textContent = text;
  return created;
}

/** Returns the text around the first word found. */
function excerpt(text: string, terms: readonly string[]): string {
  const lower = text.toLowerCase();
  const found = Math.max(
    0,
    Math.min(...terms.map((term) => lower.indexOf(term)).filter((at) => at >= 0), text.length) - 40,
  );
  const begin = found >= text.length - 60 ? 0 : found;
  return `${begin > 0 ? '…' : ''}${text.slice(begin, begin + 120).trim()}…`;
}

/** Moves the focus through the results with the arrow keys. */
function move(event: KeyboardEvent, dialog: HTMLDialogElement, input: HTMLInputElement): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const stops = [input, ...dialog.querySelectorAll<HTMLElement>('.found a')];
  const next = stops.indexOf(document.activeElement as HTMLElement) + step;
  stops[Math.max(0, Math.min(stops.length - 1, next))]?.focus();
}
