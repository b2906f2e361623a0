import { SEVERITIES } from './event.ts';
import type { EventKind, EventSeverity, OperationsEvent } from './event.ts';

/** Conditions that events must meet, all of them. */
export interface EventFilter {
  /** Name of the breaker, or several. */
  readonly breaker?: string | readonly string[] | undefined;
  /** Kind, or several. A kind that ends with `*` stands for all that begin so: `conexxus.sync.failed.*`. */
  readonly kind?: EventKind | readonly EventKind[] | undefined;
  /** Least severity. */
  readonly severity?: EventSeverity | undefined;
  /** Process that recorded them, or several. */
  readonly instance?: string | readonly string[] | undefined;
  /** Actor, or several. */
  readonly actor?: string | readonly string[] | undefined;
  /** Earliest time, in milliseconds since 1970; included. */
  readonly since?: number | undefined;
  /** Latest time, in milliseconds since 1970; excluded. */
  readonly until?: number | undefined;
}

/** Filter, order and page of events to read. */
export interface EventQuery extends EventFilter {
  /** Cursor of the page before, or the id of an event: only events beyond it in the order of the query are read. */
  readonly cursor?: string | null | undefined;
  /** Most events of the page: 1 to 1 000. Default 100. */
  readonly limit?: number | undefined;
  /** Default `'newest'` first. */
  readonly order?: 'newest' | 'oldest' | undefined;
}

/** Query with all defaults. */
export interface SinkQuery extends EventQuery {
  readonly cursor: string | null;
  readonly limit: number;
  readonly order: 'newest' | 'oldest';
}

/** Page of events. */
export interface EventPage {
  readonly events: readonly OperationsEvent[];
  /** Cursor of the next page; null if this one is the last. */
  readonly cursor: string | null;
}

const MOST_OF_PAGE = 1_000;
const DEFAULT_LIMIT = 100;

/**
 * Returns a query with all defaults.
 *
 * @throws {TypeError} if a value has the wrong type.
 * @throws {RangeError} if a value is out of range.
 */
export function readQuery(query: EventQuery = {}): SinkQuery {
  checkFilter(query);
  const { cursor = null, limit = DEFAULT_LIMIT, order = 'newest' } = query;
  if (cursor !== null) checkText('cursor', cursor);
  if (typeof limit !== 'number') throw new TypeError('Event log: limit must be a number');
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_OF_PAGE) {
    throw new RangeError(`Event log: limit must be a whole number from 1 to ${MOST_OF_PAGE}`);
  }
  if (order !== 'newest' && order !== 'oldest') throw new RangeError("Event log: order must be 'newest' or 'oldest'");
  return { ...query, cursor, limit, order };
}

/**
 * Checks a filter.
 *
 * @throws {TypeError} if a value has the wrong type.
 * @throws {RangeError} if a value is out of range.
 */
export function checkFilter(filter: EventFilter): void {
  if (typeof filter !== 'object' || filter === null) throw new TypeError('Event log: a filter must be an object');
  const { severity, since, until } = filter;
  for (const name of ['breaker', 'kind', 'instance', 'actor'] as const) {
    for (const text of listOf(filter[name])) checkText(name, text);
  }
  if (severity !== undefined && !SEVERITIES.includes(severity)) {
    throw new RangeError(`Event log: severity must be one of ${SEVERITIES.join(', ')}`);
  }
  for (const [name, time] of Object.entries({ since, until })) {
    if (time === undefined) continue;
    if (typeof time !== 'number' || Number.isNaN(time)) throw new TypeError(`Event log: ${name} must be a number`);
  }
}

/** Returns the severities from the least one of a filter on. */
export function severitiesFrom(least: EventSeverity): readonly EventSeverity[] {
  return SEVERITIES.slice(SEVERITIES.indexOf(least));
}

/** Returns the values of a condition; none if there is no condition. */
export function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}

/**
 * Returns a function that reports whether an event meets a filter.
 *
 * @throws {TypeError} if a value of the filter has the wrong type.
 * @throws {RangeError} if a value is out of range.
 */
export function eventMatcher(filter: EventFilter): (event: OperationsEvent) => boolean {
  checkFilter(filter);
  const kinds = listOf(filter.kind);
  const exact = new Set(kinds.filter((kind) => !kind.endsWith('*')));
  const beginnings = kinds.filter((kind) => kind.endsWith('*')).map((kind) => kind.slice(0, -1));
  const isKind = (kind: string) => exact.has(kind) || beginnings.some((beginning) => kind.startsWith(beginning));
  const one = <T>(value: T | readonly T[] | undefined) => (value === undefined ? undefined : new Set(listOf(value)));
  const [breakers, instances, actors] = [one(filter.breaker), one(filter.instance), one(filter.actor)];
  const severities = filter.severity === undefined ? undefined : new Set(severitiesFrom(filter.severity));
  const { since = -Infinity, until = Infinity, kind } = filter;
  return (event) =>
    event.time >= since &&
    event.time < until &&
    (kind === undefined || isKind(event.kind)) &&
    (severities === undefined || severities.has(event.severity)) &&
    (breakers === undefined || (event.breaker !== null && breakers.has(event.breaker))) &&
    (instances === undefined || instances.has(event.instance)) &&
    (actors === undefined || (event.actor !== null && actors.has(event.actor)));
}

/** Returns a page of a list of events, which is sorted by id. */
export function pageOf(sorted: readonly OperationsEvent[], query: SinkQuery): EventPage {
  const { cursor, limit, order } = query;
  const matches = eventMatcher(query);
  const isBeyond = (id: string) => cursor === null || (order === 'oldest' ? id > cursor : id < cursor);
  const found = sorted.filter((event) => isBeyond(event.id) && matches(event));
  if (order === 'newest') found.reverse();
  return asPage(found, limit);
}

/** Returns the first events of a list in the order of a query as a page. */
export function asPage(found: readonly OperationsEvent[], limit: number): EventPage {
  const events = found.slice(0, limit);
  return { events, cursor: events.length === limit ? (events.at(-1)?.id ?? null) : null };
}

function checkText(name: string, value: unknown): void {
  if (typeof value !== 'string') throw new TypeError(`Event log: ${name} must be a text, or a list of texts`);
  if (value === '' || value.length > LONGEST_TEXT) {
    throw new RangeError(`Event log: ${name} must have 1 to ${LONGEST_TEXT} characters`);
  }
}

const LONGEST_TEXT = 200;
