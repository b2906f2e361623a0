import type { BreakerStats, CircuitState, ResponseTimes } from 'fusewire';

/** Metrics of one breaker, as the campaign document has them. Times are milliseconds. */
export interface CampaignMetrics {
  readonly name: string;
  readonly state: CircuitState;
  readonly failureCount: number;
  readonly successCount: number;
  readonly totalRequests: number;
  readonly totalSuccesses: number;
  readonly totalFailures: number;
  readonly totalTimeouts: number;
  readonly totalRejected: number;
  /** Percentage of the calls that ran; 100 before the first. */
  readonly successRate: number;
  /** Percentage of the calls that ran; 0 before the first. */
  readonly failureRate: number;
  readonly averageResponseTime: number | null;
  readonly responseTimes: ResponseTimes;
  readonly uptime: number;
  readonly stateChanges: number;
  readonly lastError: string | null;
  readonly lastFailureTime: Date | null;
  readonly lastSuccessTime: Date | null;
  readonly nextAttemptTime: Date | null;
}

/** Returns the stats of a breaker in the shape of the campaign document. */
export function campaignMetrics(stats: BreakerStats): CampaignMetrics {
  const { totalSuccesses, totalFailures, lastError } = stats;
  const ran = totalSuccesses + totalFailures;
  return {
    name: stats.name,
    state: stats.state,
    failureCount: stats.failureCount,
    successCount: stats.successCount,
    totalRequests: stats.totalRequests,
    totalSuccesses,
    totalFailures,
    totalTimeouts: stats.totalTimeouts,
    totalRejected: stats.totalRejected,
    successRate: ran > 0 ? (totalSuccesses / ran) * 100 : 100,
    failureRate: ran > 0 ? (totalFailures / ran) * 100 : 0,
    averageResponseTime: stats.averageResponseTime,
    responseTimes: stats.responseTimes,
    uptime: stats.uptime,
    stateChanges: stats.stateChanges,
    lastError: lastError?.message ?? null,
    lastFailureTime: stats.lastFailureTime,
    lastSuccessTime: stats.lastSuccessTime,
    nextAttemptTime: stats.nextAttemptTime,
  };
}
