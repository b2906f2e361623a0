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

/** Page of events. */
export interface EventPage {
  readonly events: readonly OperationsEvent[];
  /** Cursor of the next page; null if this one is the last. */
  readonly cursor: string | null;
}
