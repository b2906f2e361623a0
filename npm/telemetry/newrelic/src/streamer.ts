import { EventApi } from './event-api.ts';
import type { NewRelicEvent } from './event.ts';
import { readStreamerOptions } from './options.ts';
import type { NewRelicStreamerOptions } from './options.ts';

/** Metric for New Relic: a flat object with the name of its type of events. */
export interface NewRelicMetric {
  readonly eventType: string;
}

/** Sends metrics to the Event API: the `MetricStreamer` of `@fusewire/dialects/nerdgraph`, for example. */
export interface NewRelicStreamer {
  /** Sends metrics, in as few requests as their bytes allow. Rejects if they were not accepted after three attempts. */
  streamMetrics(metrics: readonly NewRelicMetric[]): Promise<void>;
}

/**
 * Returns a streamer of metrics to the Event API, behind a breaker of its own, with a timeout of 10 s.
 *
 * ```ts
 * const streamer = newRelicStreamer({ accountId: 1234567, apiKey: process.env.NEW_RELIC_LICENSE_KEY });
 * ```
 *
 * @throws {OptionsError} with every invalid option.
 */
export function newRelicStreamer(options: NewRelicStreamerOptions): NewRelicStreamer {
  const api = new EventApi(readStreamerOptions(options));
  return { streamMetrics: (metrics) => api.send(metrics as readonly NewRelicEvent[]) };
}
