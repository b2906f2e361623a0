import type { EventSeverity } from './event.ts';
import type { EventLog } from './log.ts';

/** Row of the table `EventLog` of programs that have one. */
export interface EventLogRow {
  readonly eventType: string;
  readonly aggregateId: string;
  readonly payload?: unknown;
  readonly metadata?: unknown;
}

/** Options of {@link eventLogTable}. */
export interface EventLogTableOptions {
  /** Severity of the rows. Default `'error'` for types with `failed` in their name, and else `'info'`. */
  readonly severity?: EventSeverity | undefined;
  /** Name of the breaker that the rows are about. Default: none. */
  readonly breaker?: string | undefined;
}

/**
 * Returns an object with the `create` method of a Prisma model, such as `prisma.eventLog`, that records each row as an event.
 * The type of the row is the kind of the event. `create` resolves at once: a database that is slow delays nobody.
 *
 * The sinks of databases have a view with these rows.
 */
export function eventLogTable(
  log: EventLog,
  options: EventLogTableOptions = {},
): { create(args: { readonly data: EventLogRow }): Promise<EventLogRow> } {
  const { severity, breaker } = options;
  return {
    async create({ data }) {
      const { eventType, aggregateId, payload = null, metadata = null } = data;
      const error = (payload as { error?: unknown } | null)?.error;
      log.record({
        kind: eventType,
        severity: severity ?? (/failed/i.test(eventType) ? 'error' : 'info'),
        breaker,
        summary: typeof error === 'string' ? `${eventType}: ${error}` : eventType,
        details: { aggregateId, payload, metadata },
      });
      return data;
    },
  };
}
