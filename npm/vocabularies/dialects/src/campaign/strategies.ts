import { alternative, cached, degraded, queued, readOptions, simulated } from 'fusewire';
import type { AlternativeOptions, Cached, CachedOptions, FallbackContext, Queue, QueueReceipt } from 'fusewire';
import type { CircuitBreaker as Engine, FallbackStrategy as Strategy } from 'fusewire';
import type { Queued, QueuedOptions, QueuedStats, ReplayReport } from 'fusewire';
import { StandingStrategy } from './fallback-strategy.ts';
import { isRetriable } from './n8n-errors.ts';

type CacheOptions = Omit<CachedOptions, 'name' | 'priority' | 'canHandle'>;

/** Answers with the data of an earlier call of the same `key`. Priority 1. */
export class CachedDataFallbackStrategy extends StandingStrategy {
  /** The answers that are kept. */
  readonly cache: Cached;

  /** @throws {BreakerOptionsError} with everything that is wrong with the options. */
  constructor(options: CacheOptions = {}, name: string = 'CachedDataFallbackStrategy') {
    super(name, 1);
    readOptions('Fallback', name, options);
    this.cache = cached({ ...options, name, priority: -this.priority });
  }

  /** @internal */
  at(): Strategy {
    return this.cache;
  }
}

/** Answers with contacts of an earlier call of the same `key`. Priority 1. */
export class UnipileFallbackStrategy extends CachedDataFallbackStrategy {
  /** @throws {BreakerOptionsError} with everything that is wrong with the options. */
  constructor(options: CacheOptions = {}) {
    super(options, 'UnipileFallbackStrategy');
  }
}

/** Answers with the least that the caller can go on with. Priority 2. */
export class DegradedModeFallbackStrategy extends StandingStrategy {
  readonly #strategy: Strategy;

  /** @param answer a value, or what makes one of what is known of the call. */
  constructor(answer: unknown) {
    super('DegradedModeFallbackStrategy', 2);
    this.#strategy = degraded(answer, { name: this.name, priority: -this.priority });
  }

  /** @internal */
  at(): Strategy {
    return this.#strategy;
  }
}

/** What is needed to do operations later. */
export interface QueueFallbackOptions<Payload = readonly unknown[]> extends Partial<
  Omit<QueuedOptions<Payload>, 'name' | 'priority' | 'canHandle' | 'breaker' | 'queue' | 'operation'>
> {
  /** Where operations are kept: `memoryQueue()` of fusewire, or a durable one of `@fusewire/sqlite` and the like. */
  readonly queue: Queue<Payload>;
  /** Does one, at least once: it must do nothing the second time for the same key. */
  readonly operation: QueuedOptions<Payload>['operation'];
}

/** Keeps operations that may succeed later, answers with a receipt, and does them when the circuit closes. */
class QueueStrategy<Payload> extends StandingStrategy {
  readonly #options: QueueFallbackOptions<Payload>;
  #queued: Queued | undefined;

  constructor(name: string, options: QueueFallbackOptions<Payload>) {
    super(name, 1);
    readOptions('Fallback', name, options);
    this.#options = options;
  }

  /** @internal */
  at(engine: Engine): Strategy {
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

  /** Does what is in the queue, until it is empty or the circuit opens. To be called when the program starts. */
  async replay(): Promise<ReplayReport> {
    return this.#added().replay();
  }

  /** Everything that is counted, as of now. */
  getStats(): QueuedStats {
    return this.#added().getStats();
  }

  /** Leaves the breaker. The queue stays open. */
  async close(): Promise<void> {
    await this.#queued?.close();
  }

  #added(): Queued {
    if (this.#queued === undefined) throw new Error(`${this.name} was added to no circuit breaker`);
    return this.#queued;
  }
}

/** Queues calls of n8n, and makes them when its circuit closes. Those that n8n called wrong are not queued. Priority 1. */
export class N8NQueueFallbackStrategy<Payload = readonly unknown[]> extends QueueStrategy<Payload> {
  /** What is wrong with the options is told when it is added to a breaker. */
  constructor(options: QueueFallbackOptions<Payload>) {
    super('N8NQueueFallbackStrategy', options);
  }
}

/** Queues e-mails, and sends them when the circuit of ReachInbox closes. Priority 1. */
export class ReachInboxFallbackStrategy<Payload = readonly unknown[]> extends QueueStrategy<Payload> {
  /** What is wrong with the options is told when it is added to a breaker. */
  constructor(options: QueueFallbackOptions<Payload>) {
    super('ReachInboxFallbackStrategy', options);
  }
}

/** Answers as n8n might have; not where n8n called the call wrong. Priority 2. */
export class N8NSimulationFallbackStrategy extends StandingStrategy {
  readonly #strategy: Strategy;

  /** @param respond makes up a response of what is known of the call. */
  constructor(respond: (context: FallbackContext) => unknown) {
    super('N8NSimulationFallbackStrategy', 2);
    this.#strategy = simulated(respond, { name: this.name, priority: -this.priority, canHandle: isRetriable });
  }

  /** @internal */
  at(): Strategy {
    return this.#strategy;
  }
}

/** What is needed to have people look at operations. */
export interface ReviewFallbackOptions<Payload = readonly unknown[]> {
  /** Where they are kept, for people to claim, complete or bury. */
  readonly queue: Queue<Payload>;
  /** What people need to know. Default: the `args` of the call. */
  readonly payload?: ((context: FallbackContext) => Payload | PromiseLike<Payload>) | undefined;
  /** Tells one operation from another. Default: the `key` of the call, which it must then have. */
  readonly idempotencyKey?: ((context: FallbackContext) => string | PromiseLike<string>) | undefined;
}

/** The answer to a call that people are to look at. */
export interface ManualReview {
  readonly status: 'manual-review';
  readonly receipt: QueueReceipt;
}

/** Puts calls of LinkedIn into a queue for people; nothing repeats them by itself. Priority 1. */
export class LinkedInFallbackStrategy<Payload = readonly unknown[]> extends StandingStrategy {
  readonly #strategy: Strategy<ManualReview>;

  /** @throws {BreakerOptionsError} with everything that is wrong with the options. */
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
  at(): Strategy {
    return this.#strategy;
  }
}

/** Asks another source of data. Priority 1. */
export class ApolloFallbackStrategy extends StandingStrategy {
  readonly #strategy: Strategy;

  /**
   * @param call asks the other source.
   * @param options `through` is a breaker or a policy of fusewire that its calls go through.
   * @throws {BreakerOptionsError} with everything that is wrong with the arguments.
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
  at(): Strategy {
    return this.#strategy;
  }
}

function keyOf({ key }: FallbackContext): string {
  if (key === undefined) throw new TypeError('A call needs a key for its operation to be queued');
  return key;
}
