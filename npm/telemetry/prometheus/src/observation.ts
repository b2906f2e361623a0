import type { BreakerStats, CircuitBreaker, FailureEvent, SuccessEvent } from 'fusewire';
import type { Labels } from './families.ts';
import { Tally } from './tally.ts';
import type { TimedOutcome } from './tally.ts';

/** Settings of the durations that are measured. */
export interface DurationSettings {
  /** Upper bounds of the buckets in seconds. */
  readonly bounds: readonly number[];
  /** Returns the labels of an exemplar for the call that has just ended. */
  readonly exemplar: (() => Labels | undefined) | undefined;
}

/**
 * Breaker whose counters are published. The totals of calls are those of the breaker. Rejections, transitions, durations
 * and the time with an open circuit count from the start of the observation.
 */
export class Observation {
  readonly breaker: CircuitBreaker;
  readonly #tally: Tally;
  readonly #durations: DurationSettings | undefined;
  readonly #listeners: readonly (() => void)[];
  /** Time at which the circuit opened, in milliseconds since 1970; undefined if it is not open. */
  #openSince: number | undefined;
  #closedOpenTime = 0;

  constructor(breaker: CircuitBreaker, durations: DurationSettings | undefined) {
    this.breaker = breaker;
    this.#durations = durations;
    this.#tally = new Tally(durations?.bounds);
    this.#openSince = breaker.state === 'OPEN' ? Date.now() : undefined;
    this.#listeners = [
      breaker.on('reject', ({ reason }) => this.#tally.addRejections(reason, 1)),
      breaker.on('stateChange', (event) => {
        if (event.shadow) return;
        this.#tally.addTransitions(event, 1);
        this.#closedOpenTime += this.#openTimeUntil(event.at.getTime());
        this.#openSince = event.to === 'OPEN' ? event.at.getTime() : undefined;
      }),
      ...(durations === undefined
        ? []
        : [
            breaker.on('success', (event) => this.#record('success', event)),
            breaker.on('failure', (event) => this.#record('failure', event)),
            breaker.on('ignore', (event) => this.#record('ignored', event)),
          ]),
    ];
  }

  /** Returns the counters until now, with the stats of the breaker; those are undefined once it is disposed. */
  read(): { readonly stats: BreakerStats | undefined; readonly tally: Tally } {
    const tally = this.#tally;
    if (this.breaker.disposed) return { stats: undefined, tally };
    // Reading the stats makes the transitions that are due, which the tally then contains.
    const stats = this.breaker.getStats();
    tally.successes = stats.totalSuccesses;
    tally.failures = stats.totalFailures - stats.totalTimeouts;
    tally.timeouts = stats.totalTimeouts;
    tally.ignored = stats.totalIgnored;
    tally.shadowRejected = stats.shadowRejected;
    // A clock that was set back takes nothing away.
    tally.openTime = Math.max(tally.openTime, this.#closedOpenTime + this.#openTimeUntil(Date.now()));
    return { stats, tally };
  }

  end(): void {
    for (const remove of this.#listeners) remove();
  }

  #openTimeUntil(time: number): number {
    return this.#openSince === undefined ? 0 : Math.max(0, time - this.#openSince);
  }

  #record(outcome: TimedOutcome, { duration }: SuccessEvent | FailureEvent): void {
    const histogram = this.#tally.durations?.[outcome];
    if (duration === null || histogram === undefined) return;
    const seconds = duration / 1_000;
    histogram.record(seconds);
    // If this throws, the breaker reports it as the error of a listener.
    const labels = this.#durations?.exemplar?.();
    if (labels !== undefined) histogram.exemplify(seconds, labels);
  }
}
