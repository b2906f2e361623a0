import { CircuitBreaker } from 'fusewire';
import type { CircuitState, Override } from 'fusewire';

/** Circuit breaker as the matchers read it. */
export interface Subject {
  readonly name: string;
  /** State that callers experience; a word for a breaker that was shut down. */
  readonly state: CircuitState | 'shut down';
  /** Override of an operator; undefined if breakers of its kind have none. */
  readonly override: Override | undefined;
  /** Reason for the state, or `''`. */
  readonly reason: string;
  readonly stats: Readonly<Record<string, unknown>>;
}

/** Breaker with the interface of opossum. */
interface OpossumBreaker {
  readonly name: string;
  readonly opened: boolean;
  readonly closed: boolean;
  readonly halfOpen: boolean;
  readonly stats: Readonly<Record<string, unknown>>;
}

/**
 * Returns how the matchers read a breaker: of fusewire, of `@fusewire/dialects`, or with the interface of opossum.
 *
 * @throws {TypeError} for any other value.
 */
export function subjectOf(matcher: string, received: unknown): Subject {
  const breaker = engineOf(received) ?? engineOf((received as { engine?: unknown } | null | undefined)?.engine);
  if (breaker !== undefined) return ofFusewire(breaker);
  if (isOpossum(received)) return ofOpossum(received);
  throw new TypeError(`${matcher} takes a CircuitBreaker`);
}

/** Returns a breaker of this copy of fusewire, or of another one. */
function engineOf(value: unknown): CircuitBreaker | undefined {
  if (value instanceof CircuitBreaker) return value;
  const breaker = value as Partial<CircuitBreaker> | null | undefined;
  const isEngine = typeof breaker?.getStats === 'function' && typeof breaker.explain === 'function';
  return isEngine ? (breaker as CircuitBreaker) : undefined;
}

function ofFusewire(breaker: CircuitBreaker): Subject {
  const { name, state, override } = breaker;
  const { reason } = breaker.explain();
  const stats = breaker.getStats() as unknown as Subject['stats'];
  return { name, state, override, reason: reason === 'none' ? '' : reason, stats };
}

function isOpossum(value: unknown): value is OpossumBreaker {
  const breaker = value as Partial<OpossumBreaker> | null | undefined;
  return typeof breaker?.opened === 'boolean' && typeof breaker.halfOpen === 'boolean';
}

function ofOpossum({ name, opened, closed, halfOpen, stats }: OpossumBreaker): Subject {
  const states = [halfOpen && 'HALF_OPEN', opened && 'OPEN', closed && 'CLOSED'] as const;
  return {
    name,
    state: states.find((state) => state !== false) ?? 'shut down',
    override: undefined,
    reason: '',
    stats,
  };
}
