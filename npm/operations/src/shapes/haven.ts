import type { BreakerStats, CircuitState, ResponseTimes } from 'fusewire';

/** Metrics of one service since the creation of its breaker. Times are milliseconds. */
export interface HavenMetrics {
  readonly state: CircuitState;
  readonly totalRequests: number;
  readonly totalSuccesses: number;
  readonly totalFailures: number;
  readonly totalTimeouts: number;
  readonly totalRejected: number;
  /** Percentage of the calls that ran. */
  readonly failureRate: number;
  readonly averageResponseTime: number | null;
  readonly responseTimes: ResponseTimes;
  readonly uptime: number;
  readonly stateChanges: number;
  readonly lastFailureTime: string | null;
  readonly lastSuccessTime: string | null;
}

/** Name of a counter that is added up over all services. */
type Total = 'totalRequests' | 'totalSuccesses' | 'totalFailures' | 'totalTimeouts' | 'totalRejected';

/** Metrics of all services, as the haven document has them. */
export interface HavenMetricsSummary {
  readonly summary: Pick<HavenMetrics, Total | 'failureRate'>;
  readonly services: Readonly<Record<string, HavenMetrics>>;
  /** Time of the summary, in ISO 8601. */
  readonly timestamp: string;
}

/** Returns the stats of breakers by their names in the shape of the haven document. */
export function havenMetrics(stats: Iterable<readonly [name: string, stats: BreakerStats]>): HavenMetricsSummary {
  const services = Object.fromEntries(Array.from(stats, ([name, its]) => [name, metricsOf(its)]));
  const sum = (total: Total) => Object.values(services).reduce((all, service) => all + service[total], 0);
  const [totalSuccesses, totalFailures] = [sum('totalSuccesses'), sum('totalFailures')];
  return {
    summary: {
      totalRequests: sum('totalRequests'),
      totalSuccesses,
      totalFailures,
      totalTimeouts: sum('totalTimeouts'),
      totalRejected: sum('totalRejected'),
      failureRate: percent(totalFailures, totalSuccesses + totalFailures),
    },
    services,
    timestamp: new Date().toISOString(),
  };
}

function metricsOf(stats: BreakerStats): HavenMetrics {
  const { state, totalRequests, totalSuccesses, totalFailures, totalTimeouts, totalRejected } = stats;
  return {
    state,
    totalRequests,
    totalSuccesses,
    totalFailures,
    totalTimeouts,
    totalRejected,
    failureRate: percent(totalFailures, totalSuccesses + totalFailures),
    averageResponseTime: stats.averageResponseTime,
    responseTimes: stats.responseTimes,
    uptime: stats.uptime,
    stateChanges: stats.stateChanges,
    lastFailureTime: stats.lastFailureTime?.toISOString() ?? null,
    lastSuccessTime: stats.lastSuccessTime?.toISOString() ?? null,
  };
}

function percent(part: number, whole: number): number {
  return whole > 0 ? (part / whole) * 100 : 0;
}
