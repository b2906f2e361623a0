import { h, setText } from '../dom.ts';
import { duration, percent, rate } from '../../../display/format.ts';
import { Sparkline } from '../sparkline.ts';
import type { Row, Store } from '../store.ts';
import { VirtualList } from '../virtual-list.ts';
import type { RowElement } from '../virtual-list.ts';
import { remark, STATE_WORDS } from '../../../display/words.ts';
import type { View } from './view.ts';

const COLUMNS = {
  trouble: 'State',
  name: 'Breaker',
  rate: 'Calls/s',
  failures: 'Failures',
  p95: 'p95',
} as const;
type Order = keyof typeof COLUMNS;

const NARROW = matchMedia('(max-width: 760px)');

/** Words that the person is looking for, and the order; kept while other pages are open. */
const wanted: { text: string; order: Order } = { text: '', order: 'trouble' };

/** List of all breakers, those in trouble first. */
export function listView(store: Store): View {
  const many = store.sources.length > 1;
  const list = new VirtualList<Row>(
    'Circuit breakers',
    () => (NARROW.matches ? 76 : 44),
    () => new BreakerRow(many),
  );
  const search = h('input', {
    type: 'search',
    class: 'search',
    placeholder: 'Find a breaker  ( / )',
    'aria-label': 'Find a breaker',
    onInput: () => {
      wanted.text = search.value;
      draw();
    },
  });
  search.value = wanted.text;
  const empty = h('p', { class: 'empty' });
  const headings = Object.entries(COLUMNS).map(([order, text]) =>
    h('button', { class: `column column-${order}`, type: 'button', onClick: () => sortBy(order as Order) }, text),
  );
  const totals = h('div', { class: 'totals', role: 'status' });
  const element = h(
    'section',
    { class: 'list' },
    h('div', { class: 'toolbar' }, totals, search),
    h('div', { class: 'columns' }, ...headings, h('span', { class: 'column column-remark' }, 'Remark')),
    list.element,
    empty,
  );

  function sortBy(order: Order): void {
    wanted.order = order;
    draw();
  }

  function draw(): void {
    const text = wanted.text.trim().toLowerCase();
    const all = [...store.rows.values()];
    const rows = all.filter(
      ({ breaker, source }) =>
        text === '' || breaker.name.toLowerCase().includes(text) || source.name.toLowerCase().includes(text),
    );
    list.show(sorted(rows, wanted.order));
    drawTotals(totals, all);
    for (const [index, order] of Object.keys(COLUMNS).entries())
      headings[index]?.setAttribute('aria-pressed', String(order === wanted.order));
    empty.hidden = rows.length > 0;
    setText(empty, all.length === 0 ? 'There are no breakers yet.' : 'No breaker has such a name.');
  }

  function onKey(event: KeyboardEvent): void {
    const isTyping = event.target instanceof HTMLInputElement;
    const action = isTyping ? TYPING_KEYS[event.key] : KEYS[event.key];
    if (action === undefined) return;
    event.preventDefault();
    action(list, search);
  }

  return { title: 'Breakers', element, draw, onKey };
}

type Action = (list: VirtualList<Row>, search: HTMLInputElement) => void;

const TYPING_KEYS: Readonly<Record<string, Action>> = {
  Escape: (_, search) => search.blur(),
  ArrowDown: (list) => list.move(1),
};

const KEYS: Readonly<Record<string, Action>> = {
  '/': (_, search) => search.focus(),
  ArrowDown: (list) => list.move(1),
  j: (list) => list.move(1),
  ArrowUp: (list) => list.move(-1),
  k: (list) => list.move(-1),
};

/** Row of one breaker. */
class BreakerRow implements RowElement<Row> {
  readonly #state = h('span', { class: 'state' });
  readonly #name = h('span', { class: 'name' });
  readonly #source = h('span', { class: 'source' });
  readonly #spark = new Sparkline();
  readonly #rate = h('span', { class: 'number' });
  readonly #failures = h('span', { class: 'number' });
  readonly #p95 = h('span', { class: 'number' });
  readonly #remark = h('span', { class: 'remark' });
  readonly #link: HTMLAnchorElement;
  readonly element: HTMLElement;

  constructor(hasSources: boolean) {
    const name = h('span', { class: 'cell-name' }, this.#name, hasSources && this.#source);
    this.#link = h('a', { class: 'row' }, this.#state, name, this.#spark.element);
    this.#link.append(this.#rate, this.#failures, this.#p95, this.#remark);
    this.element = h('div', { class: 'row-place', role: 'listitem' }, this.#link);
  }

  show(row: Row, index: number, count: number): void {
    const { breaker, source, history, since } = row;
    const now = Date.now();
    const recent = history.recent(now);
    const answered = recent.successes + recent.failures;
    const word = STATE_WORDS[breaker.state];
    this.#link.setAttribute('href', `#/breaker/${encodeURIComponent(source.name)}/${encodeURIComponent(breaker.name)}`);
    this.element.dataset['state'] = word;
    this.element.setAttribute('aria-posinset', String(index + 1));
    this.element.setAttribute('aria-setsize', String(count));
    setText(this.#state, breaker.state === 'CLOSED' ? word : `${word} ${duration(now - since)}`);
    setText(this.#name, breaker.name);
    setText(this.#source, source.name);
    setText(this.#rate, rate(answered + recent.rejected));
    setText(this.#failures, answered === 0 ? '–' : percent(recent.failures / answered));
    setText(this.#p95, recent.p95 === null ? '–' : duration(recent.p95));
    setText(this.#remark, remark(breaker, now));
    this.#spark.draw(history);
  }
}

function drawTotals(element: HTMLElement, rows: readonly Row[]): void {
  const number = (state: Row['breaker']['state']) => rows.filter(({ breaker }) => breaker.state === state).length;
  const held = rows.filter(({ breaker }) => breaker.override !== 'NONE').length;
  const parts = [
    ['open', number('OPEN')],
    ['half-open', number('HALF_OPEN')],
    ['closed', number('CLOSED')],
    ['held', held],
  ] as const;
  while (element.children.length < parts.length) element.append(h('span', { class: 'total' }, h('b'), h('span')));
  for (const [index, [word, value]] of parts.entries()) {
    const total = element.children[index] as HTMLElement;
    total.dataset['state'] = value > 0 ? word : 'none';
    setText(total.children[0] as Element, String(value));
    setText(total.children[1] as Element, ` ${word}`);
  }
}

const TROUBLE = { OPEN: 0, HALF_OPEN: 1, CLOSED: 2 } as const;

function sorted(rows: readonly Row[], order: Order): Row[] {
  const now = Date.now();
  const byName = (one: Row, other: Row) =>
    one.breaker.name.localeCompare(other.breaker.name) || (one.key < other.key ? -1 : 1);
  const by = (value: (row: Row) => number) => {
    const values = new Map(rows.map((row) => [row, value(row)]));
    return rows.toSorted(
      (one, other) => (values.get(other) as number) - (values.get(one) as number) || byName(one, other),
    );
  };
  switch (order) {
    case 'name':
      return rows.toSorted(byName);
    case 'rate':
      return by(({ history }) => {
        const { successes, failures, rejected } = history.recent(now);
        return successes + failures + rejected;
      });
    case 'failures':
      return by(({ history }) => {
        const { successes, failures } = history.recent(now);
        return failures / Math.max(successes + failures, 1e-9);
      });
    case 'p95':
      return by(({ breaker }) => breaker.stats.responseTimes.p95 ?? -1);
    default:
      return by(({ breaker }) => -TROUBLE[breaker.state] * 2 + (breaker.override === 'NONE' ? 0 : 1));
  }
}
