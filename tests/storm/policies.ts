import {
  adaptiveBulkhead,
  alternative,
  bulkhead,
  cache,
  fallback,
  hedge,
  pipeline,
  rateLimit,
  retry,
  shedLoad,
  timeout,
} from 'fusewire';
import { queued } from 'fusewire/queue';
import type { BreakerRegistry, CircuitBreaker, FallbackContext, Outcome, RetryBudget, Verdict } from 'fusewire';
import type { CountedQueue } from './counted-queue.ts';
import type { Random } from './random.ts';

/** Kinds of calls. The kind of a failed call selects its fallback. */
export const KINDS = ['read', 'read', 'read', 'quote', 'write', 'bare'] as const;
export type Kind = (typeof KINDS)[number];

/** Argument of `pipeline()`: a list of policies, or an object with a policy for each key. */
export type Form = 'list' | 'object';

/** Number of cache keys. The cache has room for half of them. */
export const KEYS = 40;

export type Policies = ReturnType<typeof createPolicies>;

interface Dependencies {
  readonly form: Form;
  readonly registry: BreakerRegistry;
  readonly breaker: CircuitBreaker;
  readonly queue: CountedQueue;
  readonly random: Random;
  /** Calls the alternative provider. */
  readonly callAlternative: (context: FallbackContext) => Promise<number>;
  /** Performs a queued write. */
  readonly performWrite: (write: number, key: string, signal: AbortSignal) => Promise<void>;
  /** Classifier of the load shedder. */
  readonly classify: (outcome: Outcome) => Verdict;
}

/** Creates every policy around one breaker, and every kind of fallback. */
export function createPolicies({
  form,
  registry,
  breaker,
  queue,
  random,
  callAlternative,
  performWrite,
  classify,
}: Dependencies) {
  const budget = registry.retryBudget as RetryBudget;
  const seed = () => random.below(2 ** 32);
  const writes = queued<number>({
    queue: queue.queue,
    breaker,
    when: isKind('write'),
    topic: 'writes',
    key: ({ args }) => `write ${args[1]}`,
    payload: ({ args }) => args[1] as number,
    operation: (write, { key, signal }) => performWrite(write, key, signal),
    concurrency: 4,
    maxAttempts: 4,
    retryDelay: 40,
    pollInterval: 20,
  });
  const policies = {
    fallback: fallback([
      alternative('other', callAlternative, { through: registry.for('other'), when: isKind('read') }),
      { name: 'degraded', execute: () => ({ degraded: true }), when: isKind('read') },
      { name: 'simulated', execute: (_error, { args }) => ({ simulated: args }), when: isKind('quote') },
      writes,
    ]),
    cache: cache({ freshFor: 300, staleFor: 2_000, maxEntries: KEYS / 2, key: ({ key }) => key }),
    timeout: timeout({ timeout: 600, name: 'total' }),
    retry: retry({
      attempts: 3,
      idempotent: true,
      delay: { type: 'decorrelated', initial: 10, max: 80, seed: seed() },
      maxRetryAfter: 40,
      exhausted: random.pick(['all-errors', 'last-error']),
      budget,
    }),
    hedge: hedge({ delay: 60, quantile: 0.9, maxHedges: 2, budget, idempotent: true }),
    shedLoad: shedLoad({ window: 1_000, maxRejection: 0.6, seed: seed(), classify }),
    rateLimit: rateLimit({ limit: 20, per: 100, maxWait: 40 }),
    breaker,
    adaptiveBulkhead: adaptiveBulkhead({ initial: 20, max: 40, window: 200, queueSize: 10, maxWait: 50 }),
    bulkhead: bulkhead({ limit: 15, queueSize: 10, maxWait: 50 }),
    attemptTimeout: timeout({ timeout: 150, name: 'attempt', strategy: random.pick(['cooperative', 'aggressive']) }),
  };
  const calls = form === 'object' ? pipeline(policies) : pipeline(Object.values(policies));
  return { ...policies, writes, calls };
}

/** Returns a predicate for calls of a kind. */
function isKind(kind: Kind) {
  return (_error: unknown, { args }: FallbackContext) => args[0] === kind;
}
