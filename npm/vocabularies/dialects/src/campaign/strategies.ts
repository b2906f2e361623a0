import { alternative } from 'fusewire';
import { readOptions } from 'fusewire/kit';
import { queued } from 'fusewire/queue';
import type { AlternativeOptions, FallbackContext } from 'fusewire';
import type { Queue, QueueReceipt } from 'fusewire/queue';
import type { CircuitBreaker as Engine, FallbackStrategy as Strategy } from 'fusewire';
import type { CloseOptions, Queued, QueuedOptions, QueuedStats } from 'fusewire/queue';
import { StandingStrategy } from './fallback-strategy.ts';
import { isRetriable } from './n8n-errors.ts';
import { readStoredAnswers } from './stored-answers.ts';
import type { StoredAnswers, StoredAnswersOptions } from './stored-answers.ts';

/** Function that answers a call from its description. */
type Respond<Answer> = (context: FallbackContext) => Answer | PromiseLike<Answer>;

/** Returns a strategy of fusewire that answers with the result of a function. */
function answering<T>(
  { name, priority }: StandingStrategy,
  respond: (context: FallbackContext) => T | PromiseLike<T>,
  options: Pick<Strategy, 'when'> = {},
): Strategy<T> {
  return { ...options, name, priority: -priority, execute: (_error, context) => respond(context) };
}

/** Returns a copy of an answer, so that each caller has its own, or the answer itself if it cannot be copied. */
function copyOf(answer: unknown): unknown {
  try {
    return structuredClone(answer);
  } catch {
    return answer;
  }
}

/**
 * Strategy that answers with the data of an earlier call of the same `key`. Priority 1.
 *
 * Without the option `store`, the data are in memory. With it, other processes see them too, and a restart does not lose them;
 * they are kept as JSON.
 */
export class CachedDataFallbackStrategy extends StandingStrategy<never> {
  readonly #answers: StoredAnswers;

  /** @throws {OptionsError} with every invalid option. */
  constructor(options: StoredAnswersOptions = {}, name: string = 'CachedDataFallbackStrategy') {
    super(name, 1);
    this.#answers = readStoredAnswers(name, options);
  }

  /** Number of stored answers in memory. */
  get size(): number {
    return this.#answers.size;
  }

  /** Deletes all stored answers in memory. */
  clear(): void {
    this.#answers.clear();
  }

  /** @internal */
  override remember(key: string | undefined, answer: unknown): void {
    if (key !== undefined) this.#answers.store(key, answer);
  }

  /** @internal */
  forEngine(engine: Engine): Strategy {
    this.#answers.guard(`${engine.name}.${this.name}`);
    return {
      name: this.name,
      priority: -this.priority,
      when: (_error, { key }) => this.#answers.mayHave(key),
      execute: (_error, { key }) => this.#answers.answerOf(key),
    };
  }
}

/** Strategy that answers with contacts of an earlier call of the same `key`. Priority 1. */
export class UnipileFallbackStrategy extends CachedDataFallbackStrategy {
  /** @throws {OptionsError} with every invalid option. */
  constructor(options: StoredAnswersOptions = {}) {
    super(options, 'UnipileFallbackStrategy');
  }
}

/** Strategy that answers with a fixed or computed value. Priority 2. */
export class DegradedModeFallbackStrategy<Answer = unknown> extends StandingStrategy<Answer> {
  readonly #strategy: Strategy;

  /** @param answer a value, or a function that computes one from the description of the call. */
  constructor(answer: Answer | Respond<Answer>) {
    super('DegradedModeFallbackStrategy', 2);
    const respond = typeof answer === 'function' ? (answer as Respond<Answer>) : () => copyOf(answer);
    this.#strategy = answering(this, respond);
  }

  /** @internal */
  forEngine(): Strategy {
    return this.#strategy;
  }
}

/** Options of a strategy that queues operations. */
export interface QueueFallbackOptions<Payload = readonly unknown[]> extends Partial<
  Omit<QueuedOptions<Payload>, 'name' | 'priority' | 'when' | 'breaker' | 'queue' | 'operation'>
> {
  /**
   * Queue of the operations: `memoryQueue()` of fusewire, or a durable one, such as `sqliteQueue()` of
   * `@fusewire/sqlite`.
   */
  readonly queue: Queue<Payload>;
  /** Runs one operation, at least once: it must have no effect the second time for the same key. */
  readonly operation: QueuedOptions<Payload>['operation'];
}

/** Strategy that queues operations, answers with a receipt, and runs them while the circuit is closed. */
class QueueStrategy<Payload> extends StandingStrategy<QueueReceipt> {
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
      topic: this.name,
      key: keyOf,
      payload: ({ args }) => args as Payload,
      ...this.#options,
      breaker: engine,
      name: this.name,
      priority: -this.priority,
      when: isRetriable,
    }));
  }

  /** Returns the current counts. */
  getStats(): QueuedStats {
    return this.#added().getStats();
  }

  /** Ends the consumer of the strategy, and waits for the operations that run. The queue stays open. */
  async close(options?: CloseOptions): Promise<void> {
    await this.#queued?.close(options);
  }

  #added(): Queued {
    if (this.#queued !== undefined) return this.#queued;
    throw new Error(`Fallback ${this.name}: add it to a circuit breaker before getStats()`);
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
export class N8NSimulationFallbackStrategy<Answer = unknown> extends StandingStrategy<Answer> {
  readonly #strategy: Strategy;

  /** @param respond returns a response for the description of the call. */
  constructor(respond: Respond<Answer>) {
    super('N8NSimulationFallbackStrategy', 2);
    this.#strategy = answering(this, respond, { when: isRetriable });
  }

  /** @internal */
  forEngine(): Strategy {
    return this.#strategy;
  }
}

/** Options of a strategy that queues operations for a manual review. */
export interface ReviewFallbackOptions<Payload = readonly unknown[]> {
  /** Queue from which reviewers take operations, of the topic `'LinkedInFallbackStrategy'`. */
  readonly queue: Queue<Payload>;
  /** Returns the payload of an operation. Default: the `args` of the call. */
  readonly payload?: ((context: FallbackContext) => Payload | PromiseLike<Payload>) | undefined;
  /** Returns the idempotency key of an operation. Default: the `key` of the call, which is then required. */
  readonly key?: ((context: FallbackContext) => string | PromiseLike<string>) | undefined;
}

/** Answer to a call that is queued for a manual review. */
export interface ManualReview {
  readonly status: 'manual-review';
  readonly receipt: QueueReceipt;
}

/** Strategy that queues calls of LinkedIn for a manual review. Nothing repeats them by itself. Priority 1. */
export class LinkedInFallbackStrategy<Payload = readonly unknown[]> extends StandingStrategy<ManualReview> {
  readonly #strategy: Strategy<unknown>;

  /** @throws {OptionsError} with every invalid option. */
  constructor(options: ReviewFallbackOptions<Payload>) {
    super('LinkedInFallbackStrategy', 1);
    const reader = readOptions('Fallback', this.name, options);
    const queue = reader.value('queue') as Queue<Payload>;
    if (queue !== undefined && typeof queue?.enqueue !== 'function') reader.report('queue', 'type', 'a queue');
    const payload = (reader.callable('payload') ?? (({ args }) => args)) as (context: FallbackContext) => Payload;
    const key = (reader.callable('key') ?? keyOf) as typeof keyOf;
    reader.finish('queue');
    const review = async (context: FallbackContext): Promise<ManualReview> => {
      const message = { key: await key(context), payload: await payload(context), topic: this.name };
      return { status: 'manual-review', receipt: await queue.enqueue(message) };
    };
    this.#strategy = answering(this, review);
  }

  /** @internal */
  forEngine(): Strategy {
    return this.#strategy;
  }
}

/** Strategy that answers from another source of data. Priority 1. */
export class ApolloFallbackStrategy<Answer = unknown> extends StandingStrategy<Answer> {
  readonly #strategy: Strategy;

  /**
   * @param call calls the other source.
   * @param options `through` is a breaker or a policy of fusewire for these calls.
   * @throws {OptionsError} with every invalid argument.
   */
  constructor(call: Respond<Answer>, options: Omit<AlternativeOptions, 'priority' | 'when'> = {}) {
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
