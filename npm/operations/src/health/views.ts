import type { CircuitState } from 'fusewire';
import type { HealthReport } from './health.ts';
import { scoreOf, statusOf } from './score.ts';
import type { HealthPart } from './score.ts';

/** Names of the parts that the campaign document has. */
export interface CampaignParts {
  /** Breaker of the database. */
  readonly database: string;
  /** Breaker of N8N. */
  readonly n8n: string;
  /** Breakers of the external services. Default: all others. */
  readonly external?: readonly string[] | undefined;
  /** Check of the rate limits. Default: none, and they count as working. */
  readonly rateLimiting?: string | undefined;
}

/** Response body of the campaign document's `GET /api/campaign/health`. */
export interface CampaignHealthView {
  readonly status: 'healthy' | 'degraded' | 'unhealthy';
  readonly resilienceScore: number;
  readonly database: CircuitState | null;
  readonly n8n: CircuitState | null;
  readonly external: Readonly<Record<string, CircuitState>>;
  readonly rateLimiting: boolean;
  readonly timestamp: string;
}

/** Response body of the haven document's `GET /api/v1/circuit-breakers/health`. */
export interface HavenHealthView {
  /** `'healthy'` if all circuits are closed, `'unhealthy'` if all are open, or else `'degraded'`. */
  readonly status: 'healthy' | 'degraded' | 'unhealthy';
  readonly total: number;
  readonly closed: number;
  readonly open: number;
  readonly halfOpen: number;
  readonly services: Readonly<Record<string, HavenServiceView>>;
  readonly timestamp: string;
}

/** Health of one service in {@link HavenHealthView}. */
export interface HavenServiceView {
  readonly state: CircuitState;
  readonly healthy: boolean;
  /** Time of the next admission, in ISO 8601; missing if a call is admitted now. */
  readonly nextAttempt?: string;
}

/** Status of the last synchronisation, as the conexxus document has it. */
export interface ConexxusSync {
  readonly lastSyncTime?: Date | undefined;
  readonly lastSyncStatus?: 'success' | 'partial' | 'failed' | undefined;
  readonly lastError?: string | undefined;
  /** Whether the API answered. */
  readonly apiConnection: boolean;
}

/** Health of the conexxus document's `getHealthStatus()`. */
export interface ConexxusHealthView extends ConexxusSync {
  /** Whether the circuit is not open, the API answered, and the last synchronisation did not fail. */
  readonly isHealthy: boolean;
  /** State of the circuit; null if the report has no such breaker. */
  readonly state: CircuitState | null;
}

const OPEN = 'Circuit breaker is OPEN';
const CAMPAIGN_STATUS = { ok: 'healthy', degraded: 'degraded', error: 'unhealthy' } as const;

/** Weights of the campaign document: degraded without one of the first two, and unhealthy without both. */
export const CAMPAIGN_WEIGHTS = { database: 45, n8n: 35, external: 15, rateLimiting: 5 } as const;

/** Returns the weights of the campaign document for the names of the parts, as the option `weights` takes them. */
export function campaignWeights(
  parts: CampaignParts & { readonly external: readonly string[] },
): Record<string, number> {
  const { database, n8n, external, rateLimiting } = parts;
  return Object.fromEntries([
    [database, CAMPAIGN_WEIGHTS.database],
    [n8n, CAMPAIGN_WEIGHTS.n8n],
    ...external.map((name) => [name, CAMPAIGN_WEIGHTS.external / external.length] as const),
    ...(rateLimiting === undefined ? [] : [[rateLimiting, CAMPAIGN_WEIGHTS.rateLimiting] as const]),
  ]);
}

/**
 * Returns a report in the shape of the campaign document, with its score: that of {@link campaignWeights}, whatever weights the
 * report has. Its critical parts lower the score as they do there.
 */
export function campaignHealthView(report: HealthReport, names: CampaignParts): CampaignHealthView {
  const { database, n8n, external, rateLimiting } = names;
  const breakers = breakersOf(report);
  const stateOf = (name: string) => breakers.find((part) => part.name === name)?.state ?? null;
  const others = external ?? breakers.map(({ name }) => name).filter((name) => name !== database && name !== n8n);
  const limits = report.parts.find(({ kind, name }) => kind === 'check' && name === rateLimiting);
  const weights = new Map(Object.entries(campaignWeights({ ...names, external: others })));
  const isCounted = (part: HealthPart) => part.kind === 'breaker' || part === limits;
  const score = scoreOf(
    report.parts.map((part) => ({ ...part, weight: (isCounted(part) && weights.get(part.name)) || 0 })),
  );
  return {
    status: CAMPAIGN_STATUS[statusOf(score)],
    resilienceScore: score,
    database: stateOf(database),
    n8n: stateOf(n8n),
    external: Object.fromEntries(
      breakers.filter(({ name }) => others.includes(name)).map(({ name, state }) => [name, state] as const),
    ),
    rateLimiting: limits === undefined || limits.share > 0,
    timestamp: report.timestamp,
  };
}

/** Returns a report in the shape of the haven document. */
export function havenHealthView(report: HealthReport): HavenHealthView {
  const breakers = breakersOf(report);
  const count = (wanted: CircuitState) => breakers.filter(({ state }) => state === wanted).length;
  const [total, closed, open, halfOpen] = [breakers.length, count('CLOSED'), count('OPEN'), count('HALF_OPEN')];
  return {
    status: closed === total ? 'healthy' : open === total ? 'unhealthy' : 'degraded',
    total,
    closed,
    open,
    halfOpen,
    services: Object.fromEntries(breakers.map((part) => [part.name, serviceView(part, report.timestamp)])),
    timestamp: report.timestamp,
  };
}

/** Returns the health of one integration in the shape of the conexxus document. An open circuit is named in `lastError`. */
export function conexxusHealthView(report: HealthReport, breaker: string, sync: ConexxusSync): ConexxusHealthView {
  const part = breakersOf(report).find(({ name }) => name === breaker);
  const isOpen = part?.state === 'OPEN';
  const isHealthy = !isOpen && sync.apiConnection && sync.lastSyncStatus !== 'failed';
  const view = { isHealthy, state: part?.state ?? null, ...sync };
  if (!isOpen) return view;
  const next = nextAttemptOf(part, report.timestamp);
  const until = next === undefined ? '' : `, next attempt at ${next}`;
  const isCause = sync.lastError && !sync.lastError.startsWith(OPEN);
  return { ...view, lastError: `${OPEN}${until}${isCause ? `: ${sync.lastError}` : ''}` };
}

type BreakerPart = HealthPart & { readonly state: CircuitState };

function breakersOf({ parts }: HealthReport): BreakerPart[] {
  return parts.filter((part): part is BreakerPart => part.kind === 'breaker');
}

function serviceView(part: BreakerPart, timestamp: string): HavenServiceView {
  const nextAttempt = nextAttemptOf(part, timestamp);
  const view = { state: part.state, healthy: part.state === 'CLOSED' };
  return nextAttempt === undefined ? view : { ...view, nextAttempt };
}

function nextAttemptOf({ retryAfter }: HealthPart, timestamp: string): string | undefined {
  if (retryAfter === null || retryAfter === 0) return undefined;
  return new Date(Date.parse(timestamp) + retryAfter).toISOString();
}
