import { readOptions } from 'fusewire';
import type { CircuitBreaker } from './circuit-breaker.ts';
import type { CircuitState } from './types.ts';

/** Counts of one breaker, as an event of New Relic. */
export interface CircuitBreakerMetric {
  eventType: 'CircuitBreakerMetric';
  /** Milliseconds since 1970. */
  timestamp: number;
  breakerName: string;
  state: CircuitState;
  totalCalls: number;
  totalFailures: number;
  totalSuccesses: number;
  totalTimeouts: number;
  /** Milliseconds. */
  averageResponseTime: number;
  /** Percentage of all calls. */
  failureRate: number;
  /** Percentage of all calls. */
  successRate: number;
}

/** Receiver of metrics. */
export interface MetricStreamer {
  streamMetrics(metrics: CircuitBreakerMetric[]): Promise<unknown>;
}

/** Monitor that streams the metrics of all breakers of a factory. */
export class CircuitBreakerMonitor {
  readonly #factory: { getAll(): Map<string, CircuitBreaker> };
  readonly #metricStreamer: MetricStreamer;
  #timer: ReturnType<typeof setInterval> | undefined;

  /**
   * @param factory a `CircuitBreakerFactory`, or another object with `getAll`.
   * @throws {TypeError} if an argument does not have the function that it needs.
   */
  constructor(factory: { getAll(): Map<string, CircuitBreaker> }, metricStreamer: MetricStreamer) {
    if (typeof factory?.getAll !== 'function') throw new TypeError('A monitor takes a CircuitBreakerFactory');
    if (typeof metricStreamer?.streamMetrics !== 'function') {
      throw new TypeError('A monitor takes an object with the function streamMetrics');
    }
    this.#factory = factory;
    this.#metricStreamer = metricStreamer;
  }

  /** Streams one metric per breaker. Rejects if the streamer rejects. */
  async reportMetrics(): Promise<void> {
    const timestamp = Date.now();
    const metrics = [...this.#factory.getAll()].map(([name, breaker]) => metricOf(name, breaker, timestamp));
    if (metrics.length > 0) await this.#metricStreamer.streamMetrics(metrics);
  }

  /**
   * Calls {@link reportMetrics} at an interval, which replaces the one before. An error of a report goes to
   * `console.error`. The timer does not keep the process alive.
   *
   * @param intervalMs milliseconds: 1 to 2 147 483 647. Default 60 000.
   * @throws {OptionsError} if `intervalMs` is out of range.
   */
  startMonitoring(intervalMs: number = 60_000): void {
    const reader = readOptions('Circuit breaker monitor', 'nerdgraph', { intervalMs });
    reader.milliseconds('intervalMs');
    reader.finish();
    this.stopMonitoring();
    this.#timer = setInterval(() => {
      this.reportMetrics().catch((error: unknown) => console.error('Failed to report circuit breaker metrics:', error));
    }, intervalMs);
    this.#timer.unref();
  }

  /** Stops the interval. */
  stopMonitoring(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

function metricOf(breakerName: string, breaker: CircuitBreaker, timestamp: number): CircuitBreakerMetric {
  const { state, totalCalls, totalFailures, totalSuccesses, totalTimeouts, averageResponseTime } = breaker.getStats();
  const percent = (calls: number) => (totalCalls > 0 ? (calls / totalCalls) * 100 : 0);
  return {
    eventType: 'CircuitBreakerMetric',
    timestamp,
    breakerName,
    state,
    totalCalls,
    totalFailures,
    totalSuccesses,
    totalTimeouts,
    averageResponseTime,
    failureRate: percent(totalFailures),
    successRate: percent(totalSuccesses),
  };
}
