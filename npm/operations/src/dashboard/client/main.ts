import { read } from './api.ts';
import { fill, h, setText } from './dom.ts';
import { Live } from './live.ts';
import type { Connection, Source } from '../../display/model.ts';
import { Store } from './store.ts';
import { breakerView } from './views/breaker.ts';
import { eventsView } from './views/events.ts';
import { listView } from './views/list.ts';
import { queuesView } from './views/queues.ts';
import type { View } from './views/view.ts';

const CONNECTIONS: Readonly<Record<Connection, string>> = {
  connecting: 'connecting',
  live: 'live',
  polling: 'polling',
  lost: 'no answer',
};

const store = new Store(readSources());
/** Whether the person may change something at each source. */
const mayChange = new Map(store.sources.map((source) => [source, readSession(source)]));
const page = h('main', {});
const status = h('span', { class: 'connection', role: 'status' });
const links = [
  ['#/', 'Breakers'],
  ['#/events', 'Events'],
  ['#/queues', 'Queues'],
].map(([href, text]) => h('a', { href: href as string }, text as string));
let view: View | undefined;

document.body.append(
  h(
    'header',
    {},
    h('a', { class: 'brand', href: '#/' }, 'fusewire'),
    h('nav', { 'aria-label': 'Pages' }, ...links),
    status,
  ),
  page,
);
for (const source of store.sources) new Live(store, source);
store.onChange(draw);
setInterval(draw, 1_000);
addEventListener('hashchange', open);
addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog') !== null) return;
  view?.onKey?.(event);
});
open();

function open(): void {
  view?.close?.();
  const [, kind, ...rest] = location.hash.split('/').map(decodeURIComponent);
  view = viewOf(kind ?? '', rest);
  document.title = `${view.title} · fusewire`;
  fill(page, view.element.querySelector('h1') === null && h('h1', { class: 'unseen' }, view.title), view.element);
  for (const link of links) {
    const isCurrent = link.hash === (kind === undefined || kind === '' || kind === 'breaker' ? '#/' : `#/${kind}`);
    if (isCurrent) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  draw();
}

function viewOf(kind: string, [first = '', second = '']: readonly string[]): View {
  switch (kind) {
    case 'events':
      return eventsView(store);
    case 'queues':
      return queuesView(store, (source) => mayChange.get(source) ?? Promise.resolve(false));
    case 'breaker': {
      const source = store.sources.find(({ name }) => name === first);
      if (source !== undefined)
        return breakerView(store, source, second, mayChange.get(source) ?? Promise.resolve(false));
      return listView(store);
    }
    default:
      return listView(store);
  }
}

function draw(): void {
  const connections = store.sources.map((source) => [source, store.connections.get(source) ?? 'connecting'] as const);
  const worst = (['lost', 'connecting', 'polling', 'live'] as const).find((word) =>
    connections.some(([, its]) => its === word),
  );
  status.dataset['connection'] = worst;
  const names = connections.filter(([{ name }, its]) => its === worst && name !== '').map(([{ name }]) => name);
  const isAll = names.length === connections.length;
  setText(status, `${CONNECTIONS[worst ?? 'connecting']}${names.length === 0 || isAll ? '' : `: ${names.join(', ')}`}`);
  view?.draw();
}

/** Resolves with whether the person may change something. Without an answer there are no buttons. */
function readSession(source: Source): Promise<boolean> {
  const session = read<{ mayChange: boolean }>(source, 'session');
  return session.then(
    ({ mayChange }) => mayChange,
    () => false,
  );
}

/** Returns the sources that the page names; without any, the program that serves it. */
function readSources(): Source[] {
  const text = document.querySelector<HTMLMetaElement>('meta[name="fusewire-sources"]')?.content ?? '';
  const base = (path: string) => new URL(path, document.baseURI).href;
  if (text === '') return [{ name: '', base: base('.') }];
  return (JSON.parse(text) as { name: string; path: string }[]).map(({ name, path }) => ({ name, base: base(path) }));
}
