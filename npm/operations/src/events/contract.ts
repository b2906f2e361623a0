import type { JsonObject } from '../json.ts';
import { SEVERITIES } from './event.ts';
import type { OperationsEvent } from './event.ts';
import { pageOf, readQuery } from './filter.ts';
import type { EventQuery } from './filter.ts';
import { EventIds } from './ids.ts';
import type { EventSink } from './sink.ts';

/** Check of a sink. */
export interface EventSinkCheck {
  /** Claim about the sink, as the name of a test. */
  readonly name: string;
  /** Rejects if the claim does not hold for a sink without events. It does not close the sink. */
  check(sink: EventSink): Promise<void>;
}

const TIME = 1_700_000_000_000;
const DAY = 86_400_000;

/**
 * Checks that every sink must pass, each with a new sink.
 *
 * ```ts
 * for (const { name, check } of eventSinkContract) test(name, async () => check(await openSink()));
 * ```
 */
export const eventSinkContract: readonly EventSinkCheck[] = [
  {
    name: 'returns events as they were stored',
    async check(sink) {
      const ids = new EventIds();
      const events = STRANGE_DETAILS.map((details, index) => eventAt(ids, index, { details }));
      await sink.append(events);
      await expectPage(sink, {}, events);
    },
  },
  {
    name: 'stores an event once, however often it is appended',
    async check(sink) {
      const ids = new EventIds();
      const events = manyEvents(ids, 30);
      await sink.append(events.slice(0, 20));
      await sink.append(events.slice(10, 30));
      await sink.append(events);
      await sink.append([events[3], events[3]] as OperationsEvent[]);
      await expectPage(sink, { limit: 1_000 }, events);
    },
  },
  {
    name: 'stores batches that are appended at the same time and out of order',
    async check(sink) {
      const ids = new EventIds();
      const events = manyEvents(ids, 100);
      const batches = [3, 1, 0, 2].map((part) => events.slice(part * 25, part * 25 + 25));
      await Promise.all(batches.map((batch) => sink.append(batch)));
      await expectPage(sink, { limit: 1_000 }, events);
    },
  },
  {
    name: 'accepts an empty batch',
    async check(sink) {
      await sink.append([]);
      await expectPage(sink, {}, []);
    },
  },
  {
    name: 'stores a batch of 2 000 events',
    async check(sink) {
      const events = manyEvents(new EventIds(), 2_000);
      await sink.append(events);
      await expectPages(sink, { limit: 1_000 }, events);
    },
  },
  {
    name: 'filters by each condition, and by all together',
    async check(sink) {
      const events = manyEvents(new EventIds(), 200);
      await sink.append(events);
      for (const query of QUERIES) {
        for (const order of ['newest', 'oldest'] as const) await expectPage(sink, { ...query, order }, events);
      }
    },
  },
  {
    name: 'pages in both orders, and ends with a page without a cursor',
    async check(sink) {
      const events = manyEvents(new EventIds(), 60);
      await sink.append(events);
      for (const order of ['newest', 'oldest'] as const) {
        for (const limit of [1, 7, 59, 60, 61]) await expectPages(sink, { order, limit }, events);
        await expectPages(sink, { order, limit: 4, kind: 'kind-1' }, events);
      }
    },
  },
  {
    name: 'finds what was appended behind a cursor later',
    async check(sink) {
      const ids = new EventIds();
      const events = manyEvents(ids, 10);
      await sink.append(events);
      const first = await sink.read(readQuery({ order: 'oldest', limit: 10 }));
      const later = manyEvents(ids, 5, 10);
      await sink.append(later);
      const page = await sink.read(readQuery({ order: 'oldest', cursor: first.cursor }));
      expectSame('the page after the cursor', page.events, later);
    },
  },
  {
    name: 'takes text in a filter literally',
    async check(sink) {
      const ids = new EventIds();
      const names = ["o'rders", '%', '_', 'a%b', 'aXb', '\\', '"; DROP TABLE x; --', 'ключ', 'a*'];
      const events = names.map((breaker, index) => eventAt(ids, index, { breaker, kind: breaker, actor: breaker }));
      await sink.append(events);
      for (const name of names) {
        await expectPage(sink, { breaker: name }, events);
        await expectPage(sink, { actor: name }, events);
        await expectPage(sink, { kind: name }, events);
        await expectPage(sink, { kind: `${name}*` }, events);
      }
    },
  },
  {
    name: 'deletes what happened before a time, and nothing else',
    async check(sink) {
      const ids = new EventIds();
      const events = Array.from({ length: 60 }, (_, day) => eventAt(ids, day, { time: TIME + day * DAY }));
      await sink.append(events);
      const before = TIME + 30 * DAY;
      const deleted = await sink.clean(before);
      expectSame('the number of deleted events', deleted, 30);
      await expectPage(
        sink,
        { limit: 1_000 },
        events.filter(({ time }) => time >= before),
      );
      expectSame('the number of events deleted again', await sink.clean(before), 0);
    },
  },
  {
    name: 'appends, reads and cleans at the same time',
    async check(sink) {
      const ids = new EventIds();
      const old = Array.from({ length: 200 }, (_, index) => eventAt(ids, index, { time: TIME }));
      const events = Array.from({ length: 200 }, (_, index) => eventAt(ids, index, { time: TIME + DAY }));
      await sink.append(old);
      await Promise.all([
        sink.clean(TIME + 1),
        ...[0, 50, 100, 150].map((start) => sink.append(events.slice(start, start + 50))),
        ...[1, 2, 3, 4].map(() => sink.read(readQuery({ since: TIME + 1 }))),
      ]);
      await expectPage(sink, { limit: 1_000 }, events);
    },
  },
];

const STRANGE_DETAILS: readonly JsonObject[] = [
  {},
  {
    text: 'a "quoted" \\ text\n\t with é, 漢字 and 😀',
    empty: '',
    zero: 0,
    negative: -1.5e-7,
    large: 1e300,
    yes: true,
    no: null,
  },
  { list: [1, [2, [3, { four: '4' }]], {}], deep: { a: { b: { c: { d: 'e' } } } } },
  { "it's": "o'rders", '': 'no name', 'a.b': { $c: '%_' }, constructor: 'x' },
  { long: 'word '.repeat(3_000) },
];

const QUERIES: readonly EventQuery[] = [
  { breaker: 'breaker-1' },
  { breaker: ['breaker-1', 'breaker-2', 'none'] },
  { breaker: 'none' },
  { kind: 'kind-1' },
  { kind: ['kind-1', 'kind-2'] },
  { kind: 'kind-*' },
  { kind: ['other.*', 'kind-3'] },
  { kind: 'kind' },
  ...SEVERITIES.map((severity) => ({ severity })),
  { instance: 'instance-1' },
  { instance: ['instance-0', 'instance-1'] },
  { actor: 'actor-0' },
  { since: TIME + 50_000 },
  { until: TIME + 50_000 },
  { since: TIME + 20_000, until: TIME + 30_000 },
  { since: TIME + 30_000, until: TIME + 20_000 },
  { since: TIME + 10_000.5, severity: 'error', kind: 'kind-*', breaker: ['breaker-0', 'breaker-1'], actor: 'actor-0' },
];

function eventAt(ids: EventIds, index: number, fields: Partial<OperationsEvent> = {}): OperationsEvent {
  const time = fields.time ?? TIME + index * 1_000;
  return {
    id: ids.next(time),
    time,
    kind: index % 10 === 9 ? `other.kind.${index}` : `kind-${index % 4}`,
    severity: SEVERITIES[index % 3] ?? 'info',
    breaker: index % 5 === 0 ? null : `breaker-${index % 3}`,
    policy: index % 2 === 0 ? null : `policy-${index}`,
    instance: `instance-${index % 3}`,
    actor: index % 7 === 0 ? 'actor-0' : null,
    reason: index % 3 === 0 ? 'a reason' : null,
    count: index + 1,
    summary: `Event ${index}`,
    details: { index },
    ...fields,
  };
}

function manyEvents(ids: EventIds, count: number, first = 0): OperationsEvent[] {
  return Array.from({ length: count }, (_, index) => eventAt(ids, first + index));
}

/** Compares the answer to a query with that of a list in memory. */
async function expectPage(sink: EventSink, query: EventQuery, events: readonly OperationsEvent[]): Promise<void> {
  const complete = readQuery(query);
  const page = await sink.read(complete);
  expectSame(`the answer to ${JSON.stringify(query)}`, page, pageOf(events, complete));
}

async function expectPages(sink: EventSink, query: EventQuery, events: readonly OperationsEvent[]): Promise<void> {
  const expected = pageOf(events, { ...readQuery(query), limit: events.length + 1 }).events;
  const found: OperationsEvent[] = [];
  let cursor: string | null = null;
  do {
    const page = await sink.read(readQuery({ ...query, cursor }));
    found.push(...page.events);
    cursor = page.cursor;
  } while (cursor !== null && found.length <= expected.length);
  expectSame(`all pages of ${JSON.stringify(query)}`, found, expected);
}

function expectSame(what: string, actual: unknown, expected: unknown): void {
  const [one, other] = [sortedJson(actual), sortedJson(expected)];
  if (one === other) return;
  throw new Error(`Event sink: ${what} is ${one.slice(0, 2_000)}, and should be ${other.slice(0, 2_000)}`);
}

/** Returns a value as JSON with the fields of each object in the order of their names. */
function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );
}
