import { readOptions } from 'fusewire/kit';
import type { CircuitState } from 'fusewire';
import { isBreaker } from './circuit-breaker.ts';
import type { AnyCircuitBreaker } from './circuit-breaker.ts';

/** `'healthy'` from a score of 70, `'degraded'` from 30, else `'unhealthy'`. */
export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy';

/** Dependencies of the campaigns. */
export interface CampaignSystems {
  readonly database: AnyCircuitBreaker;
  readonly n8n: AnyCircuitBreaker;
  readonly external: readonly AnyCircuitBreaker[];
  /** Whether rate limiting works. Default true. */
  readonly rateLimiting?: boolean | undefined;
}

/** Response body of `GET /api/campaign/health`. */
export interface CampaignHealth {
  status: HealthStatus;
  /** 0 to 100. */
  resilienceScore: number;
  database: CircuitState;
  n8n: CircuitState;
  external: Record<string, CircuitState>;
  rateLimiting: boolean;
  /** In ISO 8601. */
  timestamp: string;
}

/** Points of each system, of 100: degraded without one of the first two, unhealthy without both. */
const POINTS = { database: 45, n8n: 35, external: 15, rateLimiting: 5 } as const;
/** Share of its points that a system keeps. */
const SHARE = { CLOSED: 1, HALF_OPEN: 0.5, OPEN: 0 } as const satisfies Record<CircuitState, number>;
const HEALTHY_FROM = 70;
const DEGRADED_FROM = 30;

/**
 * Returns the health of the campaigns, with a score over their dependencies. A half-open circuit has half of its
 * points.
 *
 * @throws {OptionsError} with every invalid system.
 */
export function campaignHealth(systems: CampaignSystems): CampaignHealth {
  checkSystems(systems);
  const { database, n8n, external, rateLimiting = true } = systems;
  const states = external.map((breaker) => [breaker.name, breaker.getState()] as const);
  const shares = states.map(([, state]): number => SHARE[state]);
  const externalShare = shares.length > 0 ? shares.reduce((sum, share) => sum + share, 0) / shares.length : 1;
  const [databaseState, n8nState] = [database.getState(), n8n.getState()];
  const score =
    POINTS.database * SHARE[databaseState] +
    POINTS.n8n * SHARE[n8nState] +
    POINTS.external * externalShare +
    POINTS.rateLimiting * Number(rateLimiting);
  return {
    status: healthStatusOf(score),
    resilienceScore: Math.round(score),
    database: databaseState,
    n8n: n8nState,
    external: Object.fromEntries(states),
    rateLimiting,
    timestamp: new Date().toISOString(),
  };
}

function checkSystems(systems: unknown): void {
  const reader = readOptions('Campaign health', 'campaign', systems);
  for (const system of ['database', 'n8n']) {
    const breaker = reader.value(system);
    if (breaker !== undefined && !isBreaker(breaker)) reader.report(system, 'type', 'a CircuitBreaker');
  }
  const external = reader.value('external');
  if (external !== undefined && !(Array.isArray(external) && external.every(isBreaker))) {
    reader.report('external', 'type', 'an array of circuit breakers');
  }
  reader.boolean('rateLimiting');
  reader.finish('database', 'n8n', 'external');
}

/** Returns the status of a score. */
export function healthStatusOf(score: number): HealthStatus {
  if (score >= HEALTHY_FROM) return 'healthy';
  return score >= DEGRADED_FROM ? 'degraded' : 'unhealthy';
}
