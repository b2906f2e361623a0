import { readOptions } from 'fusewire';
import type { CircuitBreaker } from './circuit-breaker.ts';
import type { CircuitState } from './words.ts';

/** What is known of one breaker at one time, as an event of New Relic. */
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
  /** Percent of all calls. */
  failureRate: number;
  /** Percent of all calls. */
  successRate: number;
}

/** What takes the metrics. */
export interface MetricStreamer {
  streamMetrics(metrics: CircuitBreakerMetric[]): Promise<unknown>;
}

/** Streams what the breakers of a factory have seen. */
export class CircuitBreakerMonitor {
  readonly #factory: { getAll(): Map<string, CircuitBreaker> };
  readonly #metricStreamer: MetricStreamer;
  #timer: ReturnType<typeof setInterval> | undefined;

  /**
   * @param factory has the breakers: a `CircuitBreakerFactory`, or what else has `getAll`.
   * @throws {TypeError} if one of them is not what it has to be.
   */
  constructor(factory: { getAll(): Map<string, CircuitBreaker> }, metricStreamer: MetricStreamer) {
    if (typeof factory?.getAll !== 'function') throw new TypeError('A monitor takes a CircuitBreakerFactory');
    if (typeof metricStreamer?.streamMetrics !== 'function') {
      throw new TypeError('A monitor takes an object with the function streamMetrics');
    }
    this.#factory = factory;
    this.#metricStreamer = metricStreamer;
  }

  /** Streams one metric for each breaker. Rejects where the streamer does. */
  async reportMetrics(): Promise<void> {
    const timestamp = Date.now();
    const metrics = [...this.#factory.getAll()].map(([name, breaker]) => metricOf(name, breaker, timestamp));
    if (metrics.length > 0) await this.#metricStreamer.streamMetrics(metrics);
  }

  /**
   * Reports every so many milliseconds, 1 to 2 147 483 647, instead of what was started before. A report that fails is
   * written to `console.error`. The timer keeps no process alive.
   *
   * @throws {BreakerOptionsError} if the interval is no such number.
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

  /** Reports no more. */
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
