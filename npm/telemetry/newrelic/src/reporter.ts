import type { CircuitBreaker } from 'fusewire';
import { BreakerWatch } from 'fusewire/kit';
import { metricEvent, transitionEvent } from './event.ts';
import type { NewRelicEvent } from './event.ts';
import { EventApi } from './event-api.ts';
import { readNewRelicOptions } from './options.ts';
import type { NewRelicAgent, NewRelicOptions, Settings } from './options.ts';

/** Most events that wait for New Relic. Beyond that the oldest are dropped. */
const MOST_WAITING = 10_000;

/** Figures of a reporter. */
export interface NewRelicStats {
  /** Events that New Relic or the agent has accepted. */
  readonly sent: number;
  /** Events that wait. */
  readonly waiting: number;
  /** Events that were dropped, because too many waited. */
  readonly dropped: number;
  /** Reports that failed. Their events are sent with the next one. */
  readonly failedReports: number;
}

/** Sends the counters and transitions of breakers to New Relic. Nothing of it slows or fails a call. */
export class NewRelicReporter {
  readonly #settings: Settings;
  readonly #breakers = new Set<CircuitBreaker>();
  readonly #watch: BreakerWatch;
  readonly #api: EventApi | undefined;
  readonly #timer: ReturnType<typeof setInterval>;
  #waiting: NewRelicEvent[] = [];
  #sent = 0;
  #dropped = 0;
  #failedReports = 0;
  #hasWarned = false;
  #sending: Promise<void> = Promise.resolve();

  /** @internal */
  constructor(settings: Settings) {
    this.#settings = settings;
    this.#api = 'url' in settings.to ? new EventApi(settings.to) : undefined;
    this.#watch = new BreakerWatch((breaker) => this.#follow(breaker));
    for (const source of settings.sources) this.#watch.add(source);
    this.#timer = setInterval(() => void this.report(), settings.interval);
    // A reporter keeps no program alive.
    (this.#timer as { unref?(): void }).unref?.();
  }

  /** Figures of this reporter. */
  get stats(): NewRelicStats {
    const { length: waiting } = this.#waiting;
    return { sent: this.#sent, waiting, dropped: this.#dropped, failedReports: this.#failedReports };
  }

  /** Sends the present counters, and the transitions since the last report. Never rejects: failures are counted and logged. */
  report(): Promise<void> {
    const now = Date.now();
    for (const breaker of this.#breakers) if (!breaker.disposed) this.#add(metricEvent(breaker.getStats(), now));
    return this.#flush();
  }

  /** Sends a last report, and ends. Resolves when it is sent, or has failed. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.report();
    this.#watch.close();
  }

  #follow(breaker: CircuitBreaker): () => void {
    this.#breakers.add(breaker);
    const stop = breaker.on('stateChange', (change) => this.#add(transitionEvent(change)));
    return () => {
      stop();
      this.#breakers.delete(breaker);
    };
  }

  #add(event: NewRelicEvent): void {
    this.#waiting.push({ ...this.#settings.attributes, ...event });
    if (this.#waiting.length <= MOST_WAITING) return;
    this.#waiting.shift();
    this.#dropped++;
  }

  /** Sends what waits, after the report before. */
  #flush(): Promise<void> {
    this.#sending = this.#sending.then(async () => {
      const events = this.#waiting;
      this.#waiting = [];
      try {
        if (this.#api === undefined) record(this.#settings.to as NewRelicAgent, events);
        else await this.#api.send(events);
        this.#sent += events.length;
      } catch (error) {
        this.#failedReports++;
        this.#waiting = [...events, ...this.#waiting].slice(-MOST_WAITING);
        this.#reportFault(error);
      }
    });
    return this.#sending;
  }

  #reportFault(error: unknown): void {
    const message = 'New Relic: a report of the circuit breakers was not sent';
    try {
      if (this.#settings.logger !== undefined) this.#settings.logger.error(message, error);
      else if (!this.#hasWarned)
        globalThis.process?.emitWarning(`${message}: ${(error as Error).message}`, 'FusewireWarning');
      this.#hasWarned = true;
    } catch {
      // Nobody is left to report it to.
    }
  }
}

function record(agent: NewRelicAgent, events: readonly NewRelicEvent[]): void {
  for (const { eventType, ...attributes } of events) agent.recordCustomEvent(eventType, attributes);
}

/**
 * Sends the counters of breakers as events `CircuitBreakerMetric`, once a minute, and their transitions as events
 * `CircuitBreakerStateChange`: by the Event API, or by the agent.
 *
 * ```ts
 * const reporter = newRelic({ sources: [breakers], accountId: 1234567, apiKey: process.env.NEW_RELIC_LICENSE_KEY });
 * ```
 *
 * @throws {OptionsError} with every invalid option.
 */
export function newRelic(options: NewRelicOptions): NewRelicReporter {
  return new NewRelicReporter(readNewRelicOptions(options));
}
