/** Health: `'ok'` from the score {@link HealthThresholds.okFrom}, `'degraded'` from `degradedFrom`, else `'error'`. */
export type HealthStatus = 'ok' | 'degraded' | 'error';

/** Part of a program whose health counts. */
export interface HealthPart {
  readonly kind: 'breaker' | 'queue' | 'check';
  readonly name: string;
  /** State of the circuit; of a queue or a check, `'UP'`, `'DEGRADED'` or `'DOWN'`. */
  readonly state: 'CLOSED' | 'HALF_OPEN' | 'OPEN' | 'UP' | 'DEGRADED' | 'DOWN';
  /** Share of its weight that it keeps: 1 if it is closed or up, 0.5 if it is half-open or degraded, else 0. */
  readonly share: number;
  /** Weight in the score, from 0. */
  readonly weight: number;
  /** Whether the score cannot be `ok` while this part is not, and is an `error` while it is down. */
  readonly critical: boolean;
  /** Reason of the state, without secrets; or null. */
  readonly detail: string | null;
  /** Whole milliseconds until a circuit may admit a call; null otherwise. */
  readonly retryAfter: number | null;
}

/** Scores at which the status changes. */
export interface HealthThresholds {
  /** Least score of `'ok'`. */
  readonly okFrom: number;
  /** Least score of `'degraded'`. */
  readonly degradedFrom: number;
}

/** Thresholds of the campaign document. */
export const THRESHOLDS: HealthThresholds = { okFrom: 70, degradedFrom: 30 };

/** Share of its weight that a part keeps, by its state. */
export const SHARES = {
  ...{ CLOSED: 1, HALF_OPEN: 0.5, OPEN: 0 },
  ...{ UP: 1, DEGRADED: 0.5, DOWN: 0 },
} as const satisfies Record<HealthPart['state'], number>;

/** Part as far as the score depends on it. */
export type ScoredPart = Pick<HealthPart, 'share' | 'weight' | 'critical'>;

/**
 * Returns the score of some parts, a whole number from 0 to 100:
 *
 *     score = round(100 × Σ weight × share / Σ weight)
 *
 * It is 100 if no part has a weight. A critical part lowers it further: while one has the share 0, to below `degradedFrom`;
 * while one has a share below 1, to below `okFrom`.
 */
export function scoreOf(parts: readonly ScoredPart[], thresholds: HealthThresholds = THRESHOLDS): number {
  const total = parts.reduce((sum, { weight }) => sum + weight, 0);
  const kept = parts.reduce((sum, { weight, share }) => sum + weight * share, 0);
  const score = total > 0 ? Math.round((100 * kept) / total) : 100;
  const worst = Math.min(1, ...criticalShares(parts));
  if (worst >= 1) return score;
  return Math.max(0, Math.min(score, Math.ceil(worst > 0 ? thresholds.okFrom : thresholds.degradedFrom) - 1));
}

/** Returns the status of a score. */
export function statusOf(score: number, thresholds: HealthThresholds = THRESHOLDS): HealthStatus {
  if (score >= thresholds.okFrom) return 'ok';
  return score >= thresholds.degradedFrom ? 'degraded' : 'error';
}

function criticalShares(parts: readonly ScoredPart[]): number[] {
  return parts.some(({ critical }) => critical)
    ? [parts.reduce((worst, { critical, share }) => (critical ? Math.min(worst, share) : worst), 1)]
    : [];
}
