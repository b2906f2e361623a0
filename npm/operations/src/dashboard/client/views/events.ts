import { read, RequestFailure } from '../api.ts';
import { fill, h, setText } from '../dom.ts';
import { eventElement } from '../event-list.ts';
import type { OperationsEvent, Source } from '../../../display/model.ts';
import type { Store } from '../store.ts';
import type { View } from './view.ts';

const PAGE = 100;
/** Most events of the list, so that a page that stays open does not grow. */
const MOST = 2_000;
const SEVERITIES = ['info', 'warning', 'error', 'critical'];

interface Found {
  readonly event: OperationsEvent;
  readonly source: Source;
}

/** Event log of all sources, the newest event first. New events appear by themselves. */
export function eventsView(store: Store): View {
  const list = h('ol', { class: 'events', 'aria-label': 'Events' });
  const message = h('p', { class: 'empty', role: 'status' });
  const more = h('button', { type: 'button', class: 'secondary', onClick: () => void load() }, 'Older events');
  const breaker = h('input', { type: 'search', placeholder: 'Breaker', 'aria-label': 'Breaker', onChange: restart });
  const kind = h('input', {
    type: 'search',
    placeholder: 'Kind, such as state-change',
    'aria-label': 'Kind',
    onChange: restart,
  });
  const severity = h(
    'select',
    { 'aria-label': 'Least severity', onChange: restart },
    ...SEVERITIES.map((word) => h('option', { value: word }, word === 'info' ? 'every severity' : `${word} and above`)),
  );
  const element = h(
    'section',
    { class: 'log' },
    h('div', { class: 'toolbar' }, breaker, kind, severity),
    list,
    message,
    more,
  );

  let found: Found[] = [];
  let cursors = new Map<Source, string | null>();
  let round = 0;
  let isStale = true;
  const stop = store.onEvent((event, source) => {
    if (!isWanted(event)) return;
    found = [{ event, source }, ...found].slice(0, MOST);
    isStale = true;
  });
  void load();

  function filter(): Record<string, string> {
    return {
      ...(breaker.value.trim() !== '' && { breaker: breaker.value.trim() }),
      ...(kind.value.trim() !== '' && { kind: kind.value.trim() }),
      ...(severity.value !== 'info' && { severity: severity.value }),
    };
  }

  function isWanted(event: OperationsEvent): boolean {
    const wanted = filter();
    const { breaker: name, kind: its } = wanted;
    if (name !== undefined && event.breaker !== name) return false;
    if (its !== undefined && !(its.endsWith('*') ? event.kind.startsWith(its.slice(0, -1)) : event.kind === its))
      return false;
    return SEVERITIES.indexOf(event.severity) >= SEVERITIES.indexOf(severity.value);
  }

  function restart(): void {
    found = [];
    cursors = new Map();
    round++;
    void load();
  }

  async function load(): Promise<void> {
    const present = round;
    setText(message, 'Reading …');
    const failures: string[] = [];
    await Promise.all(
      store.sources.map(async (source) => {
        const cursor = cursors.get(source);
        if (cursor === null) return;
        try {
          const query = { ...filter(), limit: String(PAGE), ...(cursor !== undefined && { cursor }) };
          const page: { events: OperationsEvent[]; cursor: string | null } = await read(source, 'events', query);
          if (present !== round) return;
          cursors.set(source, page.cursor);
          const known = new Set(found.map(({ event }) => event.id));
          found.push(...page.events.filter(({ id }) => !known.has(id)).map((event) => ({ event, source })));
        } catch (error) {
          const isMissing = error instanceof RequestFailure && error.status === 404;
          failures.push(isMissing ? 'The program has no event log.' : String((error as Error).message));
          cursors.set(source, null);
        }
      }),
    );
    if (present !== round) return;
    found.sort((one, other) => other.event.time - one.event.time);
    isStale = true;
    setText(message, failures[0] ?? (found.length === 0 ? 'No such event.' : ''));
    more.hidden = [...cursors.values()].every((cursor) => cursor === null);
    store.changed();
  }

  return {
    title: 'Events',
    element,
    draw() {
      if (!isStale) return;
      isStale = false;
      const now = Date.now();
      fill(list, ...found.map(({ event, source }) => eventElement(event, source, now)));
    },
    close: stop,
  };
}
