import type { OperationsEvent } from './event.ts';
import type { EventPage, SinkQuery } from './filter.ts';

/**
 * Place that keeps events, such as a database. The log calls it in the background, one `append` at a time, and gives it up for
 * a while if it fails or hangs. `eventSinkContract` of `@fusewire/operations/contract` checks an implementation.
 */
export interface EventSink {
  /** Name in stats and messages. */
  readonly name: string;
  /**
   * Stores events, all or none. Resolves once they are stored. Events whose id is stored already are ignored, because the log
   * repeats a batch whose outcome is unknown.
   */
  append(events: readonly OperationsEvent[]): Promise<void>;
  /** Returns a page of events that match. A query has `limit` and `order`, and valid values. */
  read(query: SinkQuery): Promise<EventPage>;
  /** Deletes events that happened before a time, in batches that lock nothing for long. Resolves with their number. */
  clean(before: number): Promise<number>;
  /** Closes what the sink itself has opened. */
  close(): Promise<void>;
}
