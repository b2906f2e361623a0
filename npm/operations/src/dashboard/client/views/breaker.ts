import { breakerPath, change, read, RequestFailure } from '../api.ts';
import { ask } from '../dialog.ts';
import type { Question } from '../dialog.ts';
import { fill, h, setText } from '../dom.ts';
import { eventElement } from '../event-list.ts';
import { count, duration, percent, rate } from '../../../display/format.ts';
import type { Breaker, OperationsEvent, Source } from '../../../display/model.ts';
import { medianRecovery, outagesIn } from '../recoveries.ts';
import { ribbon } from '../ribbon.ts';
import { keyOf } from '../store.ts';
import type { Row, Store } from '../store.ts';
import { explain, holdInWords, STATE_WORDS } from '../../../display/words.ts';
import type { ExplanationJson } from '../../../display/words.ts';
import type { Chart } from '../chart.ts';
import type { View } from './view.ts';

/** Milliseconds of the ribbon: six hours. */
const RIBBON = 21_600_000;
const MOST_EVENTS = 200;

/** Page of one breaker. */
export function breakerView(store: Store, source: Source, name: string, mayChange: Promise<boolean>): View {
  const state = h('span', { class: 'state' });
  const sentences = h('div', { class: 'sentences', role: 'status' });
  const holds = h('ul', { class: 'holds' });
  const figures = h('dl', { class: 'figures' });
  const timeline = h('ol', { class: 'events' });
  const ribbonPlace = h('div', { class: 'ribbon-place' });
  const outageText = h('p', { class: 'faint' });
  const calls = h('div', { class: 'chart', role: 'img', 'aria-label': `Calls of ${name} in the last ten minutes` });
  const times = h('div', { class: 'chart', role: 'img', 'aria-label': `Durations of ${name}` });
  const missing = h('p', { class: 'empty' }, 'There is no breaker of this name any more.');
  const head = h('div', { class: 'card' }, sentences, holds);
  const content = h(
    'div',
    {},
    head,
    h('div', { class: 'card' }, figures),
    h('div', { class: 'card' }, h('h2', {}, 'Calls a second'), calls),
    h('div', { class: 'card' }, h('h2', {}, 'Durations of all calls'), times),
    h('div', { class: 'card' }, h('h2', {}, 'Outages of the last six hours'), ribbonPlace, outageText),
    h('div', { class: 'card' }, h('h2', {}, 'Timeline'), timeline),
  );
  const element = h(
    'section',
    { class: 'detail' },
    h('p', {}, h('a', { href: '#/' }, '← All breakers')),
    h('h1', {}, name, ' ', state),
    source.name !== '' && h('p', { class: 'source' }, source.name),
    missing,
    content,
  );

  let charts: readonly Chart[] = [];
  let isClosed = false;
  let events: OperationsEvent[] = [];
  let explained = '';
  const stopEvents = store.onEvent((event, from) => {
    if (from !== source || event.breaker !== name) return;
    events = [event, ...events.filter(({ id }) => id !== event.id)].slice(0, MOST_EVENTS);
    drawEvents();
    refresh();
  });
  void mayChange.then((may) => may && head.append(actions(source, name, refresh)));
  void loadCharts();
  void loadEvents();

  async function loadCharts(): Promise<void> {
    const { Chart } = await import('../chart.ts');
    if (isClosed) return;
    charts = [
      new Chart(calls, rate, [
        { label: 'succeeded', color: 'good', value: ({ successes }) => successes },
        { label: 'failed', color: 'bad', value: ({ failures }) => failures },
        { label: 'rejected', color: 'warn', value: ({ rejected }) => rejected },
      ]),
      new Chart(times, duration, [
        { label: 'p50', color: 'good', value: ({ p50 }) => p50 },
        { label: 'p95', color: 'warn', value: ({ p95 }) => p95 },
        { label: 'p99', color: 'bad', value: ({ p99 }) => p99 },
      ]),
    ];
    draw();
  }

  async function loadEvents(): Promise<void> {
    try {
      const page: { events: OperationsEvent[] } = await read(source, 'events', {
        breaker: name,
        limit: String(MOST_EVENTS),
      });
      const known = new Set(events.map(({ id }) => id));
      events = [...events, ...page.events.filter(({ id }) => !known.has(id))];
    } catch (error) {
      if (error instanceof RequestFailure && error.status === 404)
        setText(outageText, 'The program has no event log, so that only what happens now is shown.');
    }
    drawEvents();
  }

  /** Asks why the circuit is as it is. */
  function refresh(): void {
    explained = '';
    draw();
  }

  async function loadExplanation(row: Row): Promise<void> {
    try {
      const explanation: ExplanationJson = await read(source, breakerPath(name, '/explain'));
      fill(sentences, ...explain(explanation, Date.now()).map((sentence) => h('p', {}, sentence)));
      if (row.breaker.stats.lastError !== null) sentences.append(lastErrorOf(row.breaker));
    } catch {
      // The present explanation stays. The head of the page says if the program is away.
    }
  }

  function drawEvents(): void {
    const now = Date.now();
    fill(timeline, ...events.map((event) => eventElement(event, undefined, now)));
    if (events.length === 0) fill(timeline, h('li', { class: 'empty' }, 'Nothing has happened yet.'));
    const outages = outagesIn(events);
    fill(ribbonPlace, ribbon(outages, now - RIBBON, now));
    const median = medianRecovery(outages);
    if (median !== undefined)
      setText(outageText, `Outages in the timeline: ${outages.length}. Median time to recover: ${duration(median)}.`);
  }

  function draw(): void {
    const row = store.rows.get(keyOf(source, name));
    missing.hidden = row !== undefined || store.connections.get(source) === 'connecting';
    content.hidden = row === undefined;
    if (row === undefined) return;
    const { breaker, history } = row;
    const now = Date.now();
    element.dataset['state'] = STATE_WORDS[breaker.state];
    setText(state, `${STATE_WORDS[breaker.state]}${breaker.override === 'NONE' ? '' : ' (held)'}`);
    // The sentences count seconds, and name numbers that change with every call.
    const question = `${breaker.state} ${breaker.override} ${Math.floor(now / 2_000)}`;
    if (question !== explained) {
      explained = question;
      void loadExplanation(row);
    }
    fill(holds, ...breaker.holds.map((hold) => h('li', {}, holdInWords(hold, now))));
    drawFigures(figures, row, now);
    const series = history.series();
    for (const chart of charts) chart.draw(series);
  }

  return {
    title: name,
    element,
    draw,
    close() {
      isClosed = true;
      stopEvents();
      for (const chart of charts) chart.close();
    },
    onKey(event) {
      if (event.key === 'Escape') location.hash = '#/';
    },
  };
}

function drawFigures(element: HTMLElement, { breaker, history }: Row, now: number): void {
  const { stats } = breaker;
  const recent = history.recent(now);
  const answered = recent.successes + recent.failures;
  const { p50, p95, p99 } = stats.responseTimes;
  const figures: [string, string][] = [
    ['Calls a second', rate(answered + recent.rejected)],
    ['Failing now', answered === 0 ? '–' : percent(recent.failures / answered)],
    ['In flight', count(stats.inFlight)],
    ['p50 / p95 / p99', [p50, p95, p99].map((value) => (value === null ? '–' : duration(value))).join(' / ')],
    ['Succeeded', count(stats.totalSuccesses)],
    ['Failed', count(stats.totalFailures)],
    ['Timed out', count(stats.totalTimeouts)],
    ['Rejected', count(stats.totalRejected)],
    ['Transitions', count(stats.stateChanges)],
    ['Not open', `${stats.uptime.toFixed(stats.uptime > 99 ? 2 : 0)} %`],
  ];
  while (element.children.length < figures.length) element.append(h('div', {}, h('dt'), h('dd')));
  for (const [index, [term, value]] of figures.entries()) {
    setText(element.children[index]?.children[0] as Element, term);
    setText(element.children[index]?.children[1] as Element, value);
  }
}

function lastErrorOf({ stats }: Breaker): HTMLElement {
  return h(
    'p',
    { class: 'faint' },
    'Last error: ',
    h('code', {}, `${stats.lastError?.name}: ${stats.lastError?.message}`),
  );
}

/** Returns the buttons of those who may change something. */
function actions(source: Source, name: string, done: () => void): HTMLElement {
  const post = (path: string) => async (body: object) => {
    await change(source, breakerPath(name, path), body);
    done();
  };
  const button = (question: Question) =>
    h(
      'button',
      { type: 'button', class: question.isDangerous ? 'danger' : 'secondary', onClick: () => ask(question) },
      question.action,
    );
  return h(
    'div',
    { class: 'actions' },
    button({
      title: `Force ${name} open`,
      consequence: 'Every call is rejected at once, until you release it.',
      action: 'Force open',
      isDangerous: true,
      needsReason: true,
      hasEnd: true,
      run: post('/force-open'),
    }),
    button({
      title: `Force ${name} closed`,
      consequence: 'Every call is admitted, and the circuit does not open, whatever fails.',
      action: 'Force closed',
      isDangerous: true,
      needsReason: true,
      hasEnd: true,
      run: post('/force-closed'),
    }),
    button({
      title: `Put ${name} in shadow mode`,
      consequence: 'Every call is admitted. What the circuit would have done is recorded.',
      action: 'Shadow mode',
      needsReason: true,
      hasEnd: true,
      run: post('/shadow'),
    }),
    button({
      title: `Release ${name}`,
      consequence: 'Every override ends, and the circuit follows its rules again.',
      action: 'Release',
      needsReason: false,
      run: ({ reason }) => post('/release')(reason === '' ? {} : { reason }),
    }),
    button({
      title: `Reset ${name}`,
      consequence: 'The circuit closes, its window is emptied, and every override ends.',
      action: 'Reset',
      needsReason: false,
      run: ({ reason }) => post('/reset')(reason === '' ? {} : { reason }),
    }),
  );
}
