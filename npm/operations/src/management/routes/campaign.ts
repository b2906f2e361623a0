import type { BreakerStats, CircuitState, ResponseTimes } from 'fusewire';
import { campaignHealthView } from '../../health/views.ts';
import type { CampaignParts } from '../../health/views.ts';
import type { Fields } from '../fields.ts';
import type { BreakerList } from '../operations/breakers.ts';
import { MOST_BREAKERS } from '../operations/breakers.ts';
import type { DetailedHealth } from '../operations/health.ts';
import type { Route } from '../route.ts';

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

const RATE_LIMIT: Fields = {
  rate_limit: { in: 'query', type: 'boolean', description: 'Whether the rate limits are shown.' },
};

/** Actions of `POST /monitoring/circuit-breakers`, by the field `action`. */
const ACTIONS = {
  by: 'action',
  of: {
    reset_all: 'resetAll',
    reset: 'reset',
    open: 'open',
    force_open: 'forceOpen',
    force_closed: 'forceClosed',
    release: 'release',
  },
} as const;

/**
 * Returns the routes of the campaign document, for the base path `/api`. `setup-circuit-breaker-tables` runs the task of
 * that name, which the option `tasks` has.
 *
 * @param parts the names of the breakers in `GET /campaign/health`.
 */
export function campaignRoutes(parts: CampaignParts): readonly Route[] {
  const monitoring = '/monitoring/circuit-breakers';
  return [
    { method: 'GET', path: monitoring, operation: 'list', preset: { limit: MOST_BREAKERS }, view: overview },
    { method: 'POST', path: monitoring, operation: ACTIONS, rename: { breaker: 'name' }, view: actionResult },
    {
      method: 'GET',
      path: '/campaign/health',
      operation: 'health',
      rename: { detailed: 'metrics' },
      viewFields: RATE_LIMIT,
      view: (body: DetailedHealth, { rate_limit: isShown }) => ({
        ...campaignHealthView(body, parts),
        ...(body.stats !== undefined && { metrics: metricsOfAll(Object.entries(body.stats)) }),
        ...(isShown === true && { rateLimit: rateLimitOf(body, parts) }),
      }),
    },
    {
      method: 'POST',
      path: '/admin/setup-circuit-breaker-tables',
      operation: 'runTask',
      preset: { task: 'setup-circuit-breaker-tables' },
      view: () => ({ success: true }),
    },
  ];
}

function overview({ breakers, summary }: BreakerList): object {
  const stats = breakers.flatMap(({ name, stats: its }) => (its === undefined ? [] : [[name, its] as const]));
  return {
    healthy: summary.closed === summary.total,
    summary,
    circuitBreakers: Object.fromEntries(
      breakers.map(({ name, state }) => [name, { state, healthy: state === 'CLOSED' }] as const),
    ),
    ...(stats.length > 0 && { metrics: metricsOfAll(stats) }),
    timestamp: new Date().toISOString(),
  };
}

function metricsOfAll(stats: readonly (readonly [string, BreakerStats])[]): Record<string, CampaignMetrics> {
  return Object.fromEntries(stats.map(([name, its]) => [name, metricsOf(its)]));
}

function metricsOf(stats: BreakerStats): CampaignMetrics {
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

function rateLimitOf({ parts }: DetailedHealth, { rateLimiting }: CampaignParts): object {
  const part = parts.find(({ kind, name }) => kind === 'check' && name === rateLimiting);
  return { working: part === undefined || part.share > 0, detail: part?.detail ?? null };
}

/** Returns the result of an action: the names that were reset, or the breaker that was changed. */
function actionResult(body: {
  readonly reset?: readonly string[];
  readonly name?: string;
  readonly state?: string;
}): object {
  const { reset, name, state } = body;
  return reset === undefined ? { success: true, name, state } : { success: true, reset };
}
