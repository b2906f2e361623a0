// Parts that a program hands to the management API, and what a client asks of them.

import type { DeadLetter, DeadLetterOptions, Queue } from 'fusewire/queue';
import type { EventFilter } from '../events/filter.ts';

/** Metrics as text, with their content type. A string alone is in the format of Prometheus 0.0.4. */
export type MetricsText = string | { readonly contentType: string; readonly body: string };

/** Function that renders the metrics. `accept` is the header of the scrape, or `''`. */
export type Metrics = (scrape: { readonly accept: string }) => MetricsText | Promise<MetricsText>;

/** Queue as far as the management API uses it. Every queue of fusewire is one. */
export interface ManagedQueue extends Pick<Queue, 'size' | 'revive' | 'discard'> {
  /** Returns the oldest dead letters. */
  deadLetters(options?: DeadLetterOptions): Promise<readonly DeadLetterView[]>;
}

/** Dead letter as a list shows it. The payload stays in the queue. */
export type DeadLetterView = Pick<DeadLetter, 'id' | 'topic' | 'key' | 'attempts' | 'lastError'>;

/** Function of the program that operators may run, such as a migration. It should do nothing when it is repeated. */
export type Task = () => unknown;

/** Things that a client follows. */
export interface Followed {
  readonly filter: EventFilter;
  readonly breakers: boolean;
}
