import type { BreakerStats } from 'fusewire';
import { campaignHealthView } from '../../health/views.ts';
import type { CampaignParts } from '../../health/views.ts';
import { campaignMetrics } from '../../shapes/campaign.ts';
import type { CampaignMetrics } from '../../shapes/campaign.ts';
import type { Fields } from '../fields.ts';
import type { BreakerList } from '../operations/breakers.ts';
import { MOST_BREAKERS } from '../operations/breakers.ts';
import type { DetailedHealth } from '../operations/health.ts';
import type { Route } from '../route.ts';

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
  return Object.fromEntries(stats.map(([name, its]) => [name, campaignMetrics(its)]));
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
