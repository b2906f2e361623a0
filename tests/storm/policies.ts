/** Every policy around one breaker, and every kind of fallback. */
import {
  adaptiveLimit,
  alternative,
  bulkhead,
  cached,
  degraded,
  fallback,
  hedge,
  pipeline,
  queued,
  rateLimit,
  retry,
  simulated,
  throttle,
  timeout,
} from 'fusewire';
import type { BreakerRegistry, CircuitBreaker, FallbackContext, RetryBudget } from 'fusewire';
import type { CountedQueue } from './counted-queue.ts';
import type { Random } from './random.ts';

/** What a call is about, which decides who answers it when it fails. */
export const KINDS = ['read', 'read', 'read', 'quote', 'write', 'bare'] as const;
export type Kind = (typeof KINDS)[number];

/** How the pipeline is given. */
export type Form = 'list' | 'parts';

/** How many keys calls are about. The cache has room for half of them. */
export const KEYS = 40;

export type Policies = ReturnType<typeof makePolicies>;

interface Given {
  readonly form: Form;
  readonly registry: BreakerRegistry;
  readonly breaker: CircuitBreaker;
  readonly queue: CountedQueue;
  readonly random: Random;
  readonly ask: (context: FallbackContext) => Promise<number>;
  readonly operate: (write: number, key: string, signal: AbortSignal) => Promise<void>;
  readonly accepted: (error: unknown) => boolean;
}

export function makePolicies({ form, registry, breaker, queue, random, ask, operate, accepted }: Given) {
  const budget = registry.retryBudget as RetryBudget;
  const seed = () => random.below(2 ** 32);
  const cache = cached({ mode: 'cache-first', ttl: 300, staleIfError: 2_000, maxEntries: KEYS / 2 });
  const later = queued<number>({
    queue: queue.queue,
    breaker,
    canHandle: about('write'),
    idempotencyKey: ({ args }) => `write ${args[1]}`,
    payload: ({ args }) => args[1] as number,
    operation: (write, { key, signal }) => operate(write, key, signal),
    concurrency: 4,
    maxAttempts: 4,
    retryDelay: 40,
  });
  const parts = {
    fallback: fallback([
      cache,
      alternative('other', ask, { through: registry.for('other'), canHandle: about('read') }),
      degraded({ from: 'nobody' }, { canHandle: about('read') }),
      simulated(({ args }) => ({ madeUp: args }), { canHandle: about('quote') }),
      later,
    ]),
    timeout: timeout({ timeout: 600, name: 'total' }),
    retry: retry({
      attempts: 3,
      delay: { type: 'decorrelated', initial: 10, max: 80, seed: seed() },
      maxRetryAfter: 40,
      exhausted: random.pick(['all-errors', 'last-error']),
      budget,
    }),
    hedge: hedge({ delay: 60, quantile: 0.9, maxHedges: 2, budget }),
    throttle: throttle({ window: 1_000, maxRejection: 0.6, seed: seed(), isAccepted: accepted }),
    rateLimit: rateLimit({ limit: 20, interval: 100, maxWait: 40 }),
    breaker,
    adaptiveLimit: adaptiveLimit({ initial: 20, max: 40, window: 200, queueSize: 10, queueTimeout: 50 }),
    bulkhead: bulkhead({ limit: 15, queueSize: 10, queueTimeout: 50 }),
    attemptTimeout: timeout({ timeout: 150, name: 'attempt', strategy: random.pick(['cooperative', 'aggressive']) }),
  };
  const calls = form === 'parts' ? pipeline(parts) : pipeline(Object.values(parts));
  return { ...parts, cache, later, calls };
}

function about(kind: Kind) {
  return (_error: unknown, { args }: FallbackContext) => args[0] === kind;
}
