import { alternative, cached, degraded, queued, readOptions, simulated } from 'fusewire';
import type { AlternativeOptions, Cached, CachedOptions, FallbackContext, Queue, QueueReceipt } from 'fusewire';
import type { CircuitBreaker as Engine, FallbackStrategy as Strategy } from 'fusewire';
import type { Queued, QueuedOptions, QueuedStats, ReplayReport } from 'fusewire';
import { StandingStrategy } from './fallback-strategy.ts';
import { isRetriable } from './n8n-errors.ts';

type CacheOptions = Omit<CachedOptions, 'name' | 'priority' | 'canHandle'>;

/** Strategy that answers with the data of an earlier call of the same `key`. Priority 1. */
export class CachedDataFallbackStrategy extends StandingStrategy {
  /** Underlying strategy of fusewire, with the cached answers. */
  readonly cache: Cached;

  /** @throws {OptionsError} with every invalid option. */
  constructor(options: CacheOptions = {}, name: string = 'CachedDataFallbackStrategy') {
    super(name, 1);
    readOptions('Fallback', name, options);
    this.cache = cached({ ...options, name, priority: -this.priority });
  }

  /** @internal */
  forEngine(): Strategy {
    return this.cache;
  }
}

/** Strategy that answers with contacts of an earlier call of the same `key`. Priority 1. */
export class UnipileFallbackStrategy extends CachedDataFallbackStrategy {
  /** @throws {OptionsError} with every invalid option. */
  constructor(options: CacheOptions = {}) {
    super(options, 'UnipileFallbackStrategy');
  }
}

/** Strategy that answers with a fixed or computed value. Priority 2. */
export class DegradedModeFallbackStrategy extends StandingStrategy {
  readonly #strategy: Strategy;

  /** @param answer a value, or a function that computes one from the description of the call. */
  constructor(answer: unknown) {
    super('DegradedModeFallbackStrategy', 2);
    this.#strategy = degraded(answer, { name: this.name, priority: -this.priority });
  }

  /** @internal */
  forEngine(): Strategy {
    return this.#strategy;
  }
}

/** Options of a strategy that queues operations. */
export interface QueueFallbackOptions<Payload = readonly unknown[]> extends Partial<
  Omit<QueuedOptions<Payload>, 'name' | 'priority' | 'canHandle' | 'breaker' | 'queue' | 'operation'>
> {
  /**
   * Queue of the operations: `memoryQueue()` of fusewire, or a durable one, such as `sqliteQueue()` of
   * `@fusewire/sqlite`.
   */
  readonly queue: Queue<Payload>;
  /** Runs one operation, at least once: it must have no effect the second time for the same key. */
  readonly operation: QueuedOptions<Payload>['operation'];
}

/** Strategy that queues operations, answers with a receipt, and runs them when the circuit closes. */
class QueueStrategy<Payload> extends StandingStrategy {
  readonly #options: QueueFallbackOptions<Payload>;
  #queued: Queued | undefined;

  constructor(name: string, options: QueueFallbackOptions<Payload>) {
    super(name, 1);
    readOptions('Fallback', name, options);
    this.#options = options;
  }

  /** @internal */
  forEngine(engine: Engine): Strategy {
    return (this.#queued ??= queued<Payload>({
      idempotencyKey: keyOf,
      payload: ({ args }) => args as Payload,
      ...this.#options,
      breaker: engine,
      name: this.name,
      priority: -this.priority,
      canHandle: isRetriable,
    }));
  }

  /** Runs the queued operations until the queue is empty or the circuit opens. To be called when the program starts. */
  async replay(): Promise<ReplayReport> {
    return this.#added().replay();
  }

  /** Returns the current counts. */
  getStats(): QueuedStats {
    return this.#added().getStats();
  }

  /** Detaches the strategy from its breaker. The queue stays open. */
  async close(): Promise<void> {
    await this.#queued?.close();
  }

  #added(): Queued {
    if (this.#queued !== undefined) return this.#queued;
    throw new Error(`Fallback ${this.name}: add it to a circuit breaker before replay() or getStats()`);
  }
}

/**
 * Strategy that queues calls of n8n until its circuit closes, except those that n8n rejected with a 4xx. Priority 1.
 */
export class N8NQueueFallbackStrategy<Payload = readonly unknown[]> extends QueueStrategy<Payload> {
  /** The breaker that the strategy is added to checks the options. */
  constructor(options: QueueFallbackOptions<Payload>) {
    super('N8NQueueFallbackStrategy', options);
  }
}

/** Strategy that queues e-mails until the circuit of ReachInbox closes. Priority 1. */
export class ReachInboxFallbackStrategy<Payload = readonly unknown[]> extends QueueStrategy<Payload> {
  /** The breaker that the strategy is added to checks the options. */
  constructor(options: QueueFallbackOptions<Payload>) {
    super('ReachInboxFallbackStrategy', options);
  }
}

/** Strategy that simulates an answer of n8n, except to calls that n8n rejected with a 4xx. Priority 2. */
export class N8NSimulationFallbackStrategy extends StandingStrategy {
  readonly #strategy: Strategy;

  /** @param respond returns a response for the description of the call. */
  constructor(respond: (context: FallbackContext) => unknown) {
    super('N8NSimulationFallbackStrategy', 2);
    this.#strategy = simulated(respond, { name: this.name, priority: -this.priority, canHandle: isRetriable });
  }

  /** @internal */
  forEngine(): Strategy {
    return this.#strategy;
  }
}

/** Options of a strategy that queues operations for a manual review. */
export interface ReviewFallbackOptions<Payload = readonly unknown[]> {
  /** Queue from which reviewers claim operations. */
  readonly queue: Queue<Payload>;
  /** Returns the payload of an operation. Default: the `args` of the call. */
  readonly payload?: ((context: FallbackContext) => Payload | PromiseLike<Payload>) | undefined;
  /** Returns the idempotency key of an operation. Default: the `key` of the call, which is then required. */
  readonly idempotencyKey?: ((context: FallbackContext) => string | PromiseLike<string>) | undefined;
}

/** Answer to a call that is queued for a manual review. */
export interface ManualReview {
  readonly status: 'manual-review';
  readonly receipt: QueueReceipt;
}

/** Strategy that queues calls of LinkedIn for a manual review. Nothing repeats them by itself. Priority 1. */
export class LinkedInFallbackStrategy<Payload = readonly unknown[]> extends StandingStrategy {
  readonly #strategy: Strategy<ManualReview>;

  /** @throws {OptionsError} with every invalid option. */
  constructor(options: ReviewFallbackOptions<Payload>) {
    super('LinkedInFallbackStrategy', 1);
    const reader = readOptions('Fallback', this.name, options);
    const queue = reader.value('queue') as Queue<Payload>;
    if (queue !== undefined && typeof queue?.enqueue !== 'function') reader.report('queue', 'type', 'a queue');
    const payload = (reader.callable('payload') ?? (({ args }) => args)) as (context: FallbackContext) => Payload;
    const idempotencyKey = (reader.callable('idempotencyKey') ?? keyOf) as typeof keyOf;
    reader.finish('queue');
    const review = async (context: FallbackContext): Promise<ManualReview> => {
      const message = { key: await idempotencyKey(context), payload: await payload(context) };
      return { status: 'manual-review', receipt: await queue.enqueue(message) };
    };
    this.#strategy = degraded(review, { name: this.name, priority: -this.priority });
  }

  /** @internal */
  forEngine(): Strategy {
    return this.#strategy;
  }
}

/** Strategy that answers from another source of data. Priority 1. */
export class ApolloFallbackStrategy extends StandingStrategy {
  readonly #strategy: Strategy;

  /**
   * @param call calls the other source.
   * @param options `through` is a breaker or a policy of fusewire for these calls.
   * @throws {OptionsError} with every invalid argument.
   */
  constructor(
    call: (context: FallbackContext) => unknown,
    options: Omit<AlternativeOptions, 'priority' | 'canHandle'> = {},
  ) {
    super('ApolloFallbackStrategy', 1);
    readOptions('Fallback', this.name, options);
    this.#strategy = alternative(this.name, call, { ...options, priority: -this.priority });
  }

  /** @internal */
  forEngine(): Strategy {
    return this.#strategy;
  }
}

function keyOf({ key }: FallbackContext): string {
  if (key === undefined) throw new TypeError('A call needs a key to be queued: pass { key } to execute()');
  return key;
}
