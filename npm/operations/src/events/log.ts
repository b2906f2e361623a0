import type { NewEvent, OperationsEvent } from './event.ts';
import type { EventFilter, EventPage, EventQuery } from './filter.ts';
import type { Watchable, WatchOptions } from './watch.ts';

/** Options of `follow`. */
export interface FollowOptions extends EventFilter {
  /** Id of an event. Those after it that are still in memory are delivered first. */
  readonly after?: string | undefined;
}

/** Options of `flush`. */
export interface FlushOptions {
  /** Milliseconds to wait. Default 10 000. */
  readonly timeout?: number | undefined;
  /**
   * `'stored'`: every sink has stored the events. `'durable'`: they are written ahead, and survive the process; without a
   * write-ahead log, the same as `'stored'`. Default `'stored'`.
   */
  readonly until?: 'stored' | 'durable' | undefined;
}

/** Subscription to the events of a log. */
export interface EventSubscription {
  /** Whether events after `after` may be missing, because they have left the memory. `tail` reads them from the sink. */
  readonly missed: boolean;
  /** Ends the subscription. */
  stop(): void;
}

/** Counters of one sink. */
export interface SinkStats {
  readonly name: string;
  /** Events that it has stored. */
  readonly written: number;
  /** Events that it never got, because too many waited. */
  readonly dropped: number;
  /** Events that wait for it. */
  readonly waiting: number;
  /** Batches that failed or took too long. They are repeated. */
  readonly failures: number;
  /** Message of the last failure, without secrets; null if the last batch was stored. */
  readonly lastError: string | null;
}

/** Counters of an event log. */
export interface EventLogStats {
  /** Events that were recorded. */
  readonly accepted: number;
  /** Events that the write-ahead log has written; null without one. */
  readonly durable: number | null;
  /** Events that every sink has stored. */
  readonly written: number;
  /** Events that a sink never got, or that could not be recorded. */
  readonly dropped: number;
  /** Rejections that were counted, and are represented by an event with a larger `count`. */
  readonly sampled: number;
  /** Events that wait for a sink. */
  readonly waiting: number;
  readonly sinks: readonly SinkStats[];
}

/**
 * Log of what happens to breakers, policies and queues, and of what operators do. Recording never throws, never waits, and
 * cannot fail a call.
 */
export interface EventLog {
  /** Name of this process in its events. */
  readonly instance: string;
  /** Records an event. Returns at once: sinks store it in the background. Never throws. */
  record(event: NewEvent): void;
  /**
   * Records the events of a registry and its breakers, a breaker, a pipeline, a policy, a queue consumer or a queued strategy.
   *
   * @returns a function that takes all listeners off again.
   * @throws {TypeError} if there is nothing to listen to.
   */
  watch(target: Watchable, options?: WatchOptions): () => void;
  /** Reads stored events from the first sink, and those that wait for it. */
  tail(query?: EventQuery): Promise<EventPage>;
  /** Calls `listener` for every event that matches, soon after it was recorded. A listener that fails is reported once. */
  follow(listener: (event: OperationsEvent) => unknown, options?: FollowOptions): EventSubscription;
  /** Writes what was recorded so far. Resolves with whether it is stored, or durable; after `timeout` at the latest. */
  flush(options?: FlushOptions): Promise<boolean>;
  /** Deletes events older than the retention time now. Resolves with the number in the first sink. */
  clean(): Promise<number>;
  /** Takes all listeners off, flushes, and closes the sinks, within `timeout`. */
  close(options?: { readonly timeout?: number | undefined }): Promise<void>;
  /** Returns the current counters. */
  getStats(): EventLogStats;
}
