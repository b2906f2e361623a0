import { CircuitBreaker } from 'fusewire';
import type { BreakerRegistry, CircuitState, Override } from 'fusewire';

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

/** Values that have a circuit, each in a property of its own. */
interface CircuitOwner {
  /** Breaker of `@fusewire/dialects`. */
  readonly engine?: unknown;
  /** Pipeline. */
  readonly breaker?: unknown;
  /** Client such as `protectedFetch`, with a breaker for each origin. */
  readonly registry?: unknown;
}

/**
 * Returns how the matchers read a circuit: that of a breaker or a pipeline of fusewire, of a breaker of `@fusewire/dialects` or
 * with the interface of opossum, or of a registry or a client with a single breaker.
 *
 * @throws {TypeError} for any other value.
 */
export function subjectOf(matcher: string, received: unknown): Subject {
  const { engine, breaker, registry } = (received ?? {}) as CircuitOwner;
  const found = engineOf(received) ?? engineOf(engine) ?? engineOf(breaker);
  if (found !== undefined) return ofFusewire(found);
  if (isOpossum(received)) return ofOpossum(received);
  const breakers = breakersOf(registry) ?? breakersOf(received);
  if (breakers === undefined) throw new TypeError(`${matcher} takes a CircuitBreaker, or a pipeline with one`);
  const [only] = breakers;
  if (breakers.length === 1 && only !== undefined) return ofFusewire(only);
  const count = breakers.length === 0 ? 'no breaker yet' : `${breakers.length} breakers`;
  throw new TypeError(`${matcher} takes one circuit, and this registry has ${count}: take one of them`);
}

/** Returns the breakers of a registry, of this copy of fusewire or of another one. */
function breakersOf(registry: unknown): CircuitBreaker[] | undefined {
  const { getAll, getAllStats } = (registry ?? {}) as Partial<BreakerRegistry>;
  if (typeof getAll !== 'function' || typeof getAllStats !== 'function') return undefined;
  return [...(registry as BreakerRegistry).getAll().values()];
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
