import { CircuitBreaker, circuitOf } from '../../../breaker/circuit-breaker.ts';
import { isFailure, isSuccess } from '../../../classification/classification.ts';
import type { Classifier, FaultListener } from '../../../classification/classifier.ts';
import type { ClassificationOptions, Outcome, Verdict } from '../../../classification/outcome.ts';
import { reportFault } from '../../../logging.ts';
import { readPolicyOptions } from '../../../options/options-reader.ts';
import type { OptionsReader } from '../../../options/options-reader.ts';
import { callInScope, captureScope } from '../../../run/async-scope.ts';
import { checkSubscription, EventListeners } from '../../../run/event-listeners.ts';
import type { KEYED } from '../../call-runner.ts';
import type { FallbackContext } from '../fallback-context.ts';
import { finishStrategy } from '../fallback-strategy.ts';
import type { FallbackStrategy, StrategyOptions, StrategySettings } from '../fallback-strategy.ts';
import { CircuitGate } from './circuit-gate.ts';
import { CONSUMER_EVENTS } from '../../../queue/consumer.ts';
import { readConsumerOptions } from '../../../queue/consumer-options.ts';
import type {
  CloseOptions,
  Consumer,
  ConsumerEvents,
  ConsumerOptions,
  ConsumerStats,
  MessageEvent,
  OperationContext,
} from '../../../queue/consumer-options.ts';
import { isOwnOperation, runAsOwn } from './own-operation.ts';
import type { Queue, QueueReceipt } from '../../../queue/queue.ts';
import type { QueueReceiptStatus } from '../../../queue/queue-store.ts';
import { NotAdmitted } from '../../../queue/settlement.ts';

/** Options of {@link queued}. */
export interface QueuedOptions<Payload> extends StrategyOptions, ConsumerOptions {
  /** Queue that keeps the operations. */
  readonly queue: Queue<Payload>;
  /** Topic of the operations, 1 to 200 characters of text. Two strategies on one queue must have different ones. */
  readonly topic: string;
  /** Returns everything that the operation needs later, as a JSON value. */
  readonly payload: (context: FallbackContext) => Payload | PromiseLike<Payload>;
  /**
   * Returns the key that identifies the operation. The same operation must get the same key when it is requested again.
   * Default: the option `key` of the call, which each call must then have.
   */
  readonly key?: ((context: FallbackContext) => string | PromiseLike<string>) | undefined;
  /**
   * Returns the entity that the operation concerns, such as an account, or undefined. Operations of one entity run one after
   * another, in order; one that failed holds back those behind it. The queue must have groups. Default: no group.
   */
  readonly group?: ((context: FallbackContext) => string | undefined | PromiseLike<string | undefined>) | undefined;
  /** Runs the operation, at least once. It must have no further effect the second time for the same key. */
  readonly operation: (payload: Payload, context: OperationContext) => unknown;
  /**
   * Breaker that admits the operations. They run while its circuit is closed: after an opening one at a time at first. An
   * operation that succeeds counts in the breaker, and one that fails is ignored, so that a faulty message opens no circuit for
   * live calls. Its `classify` holds for the operations, unless they have one of their own.
   */
  readonly breaker?: CircuitBreaker | undefined;
  /**
   * Milliseconds that a call waits for its receipt: 1 to 2 147 483 647. Then the call rejects with its own error. The message
   * may be stored nevertheless. Default 5 000.
   */
  readonly enqueueTimeout?: number | undefined;
}

/** Event of a call whose operation is in the queue. */
export interface QueuedEvent extends MessageEvent {
  readonly status: QueueReceiptStatus;
  /**
   * Whether the call was answered with the receipt. If not, it had been aborted or `enqueueTimeout` had passed before the store
   * answered. The operation runs nevertheless.
   */
  readonly answered: boolean;
}

/** Event of a call whose operation is not in the queue. The call rejects with its own error, unless another fallback answers. */
export interface NotQueuedEvent {
  readonly topic: string;
  /** Reason, such as a `QueueFullError` or an error of the store. */
  readonly error: unknown;
}

/** Events of a queued strategy, each with its payload. */
export interface QueuedEvents extends ConsumerEvents {
  readonly queued: QueuedEvent;
  readonly notQueued: NotQueuedEvent;
}

/** Stats of a queued strategy. */
export interface QueuedStats extends ConsumerStats {
  readonly name: string;
  /** Operations that were added to the queue. */
  readonly totalQueued: number;
  /** Operations that were in the queue already. */
  readonly totalDuplicates: number;
  /** Operations that were dead letters, and returned to the queue. */
  readonly totalRevived: number;
  /** Calls whose operation could not be put into the queue: it was full, the store failed, or the message was invalid. */
  readonly totalNotQueued: number;
}

interface QueuedSettings extends StrategySettings {
  readonly queue: Queue;
  readonly topic: string;
  readonly payload: (context: FallbackContext) => unknown;
  readonly key: ((context: FallbackContext) => string | PromiseLike<string>) | undefined;
  readonly group: ((context: FallbackContext) => string | undefined | PromiseLike<string | undefined>) | undefined;
  readonly operation: (payload: never, context: OperationContext) => unknown;
  readonly breaker: CircuitBreaker | undefined;
  readonly enqueueTimeout: number;
  readonly retryDelay: number;
  readonly pollInterval: number;
  /** Options of the consumer, as they were given. */
  readonly consumer: ConsumerOptions;
}

const DISPOSE: typeof Symbol.asyncDispose = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');
const OWN_EVENTS = ['queued', 'notQueued'] as const;
const EVENTS = [...OWN_EVENTS, ...CONSUMER_EVENTS] as const;

/** Events that the strategy emits itself, and not its consumer. */
type OwnEvents = Pick<QueuedEvents, (typeof OWN_EVENTS)[number]>;

/**
 * Puts operations that failed into a queue, answers with a receipt, and runs them while the circuit is closed: those of earlier
 * processes, too.
 *
 * @typeParam Keyed whether each call must have the option `key`.
 */
export class Queued<Keyed extends boolean = boolean> implements FallbackStrategy<QueueReceipt> {
  declare readonly [KEYED]: { is(keyed: Keyed): void };
  readonly name: string;
  readonly topic: string;
  readonly priority: number | undefined;
  readonly when: FallbackStrategy['when'];
  readonly #settings: QueuedSettings;
  readonly #consumer: Consumer;
  readonly #gate: CircuitGate | undefined;
  /** Scope of the code that created the strategy. Listeners belong to no call. */
  readonly #scope = captureScope();
  readonly #listeners = new EventListeners<OwnEvents>((message, error) => this.#report(message, error));
  #isPaused = false;
  #isGateOpen = true;
  readonly #counts = { totalQueued: 0, totalDuplicates: 0, totalRevived: 0, totalNotQueued: 0 };

  /** @internal */
  constructor(settings: QueuedSettings) {
    const { name, topic, priority, when, queue, breaker, consumer, pollInterval } = settings;
    this.name = name;
    this.topic = topic;
    this.priority = priority;
    this.when = when;
    this.#settings = settings;
    const classify = consumer.classify ?? this.#classifyOf(breaker);
    this.#consumer = queue.consume({ ...consumer, topic, classify }, (payload, context) =>
      this.#operate(payload, context),
    );
    this.#gate =
      breaker &&
      new CircuitGate(breaker, pollInterval, {
        close: () => this.#setGate(false),
        open: () => this.#setGate(true),
      });
  }

  /** Adds the operation to the queue. */
  execute(_error: unknown, context: FallbackContext): Promise<QueueReceipt> {
    const { enqueueTimeout } = this.#settings;
    return new Promise((resolve, reject) => {
      const call = { context, isLate: false };
      const timer = setTimeout(() => {
        call.isLate = true;
        reject(new Error(`Queue: no receipt after ${enqueueTimeout} ms; the message may be stored nevertheless`));
      }, enqueueTimeout);
      this.#enqueue(call)
        .then(resolve, (error: unknown) => {
          this.#counts.totalNotQueued++;
          this.#emit('notQueued', { topic: this.topic, error });
          reject(error);
        })
        .finally(() => clearTimeout(timer));
    });
  }

  /** Starts no further operation. Those that run go on, and calls are still put into the queue. */
  pause(): void {
    this.#isPaused = true;
    this.#consumer.pause();
  }

  /** Ends a pause. Operations start if the circuit is closed. */
  resume(): void {
    this.#isPaused = false;
    if (this.#isGateOpen) this.#consumer.resume();
  }

  /** Returns the current stats. `queue.size(topic)` has the number of messages, and the age of the oldest. */
  getStats(): QueuedStats {
    return { name: this.name, ...this.#consumer.getStats(), ...this.#counts };
  }

  /**
   * Calls `listener` for every event of that name. Without a listener, a `fault` and a `buried` are warnings of the process.
   *
   * @returns a function that removes the listener.
   * @throws {TypeError} if there is no such event, or `listener` is not a function.
   */
  on<Name extends keyof QueuedEvents>(event: Name, listener: (event: QueuedEvents[Name]) => unknown): () => void {
    return this.#listen('on', event, listener);
  }

  /** Calls `listener` like {@link on}, but only for the next event. */
  once<Name extends keyof QueuedEvents>(event: Name, listener: (event: QueuedEvents[Name]) => unknown): () => void {
    return this.#listen('once', event, listener);
  }

  /** Removes the latest subscription of `listener`, if there is one. */
  off<Name extends keyof QueuedEvents>(event: Name, listener: (event: QueuedEvents[Name]) => unknown): void {
    if (isOwnEvent(event)) this.#listeners.remove(event, listener as never);
    else this.#consumer.off(event as keyof ConsumerEvents, listener as never);
  }

  /**
   * Ends the consumer, within `timeout` and a second, whatever the operations and the store do. It claims no more messages,
   * waits for the operations that run, aborts the signals of those that still do, gives their messages back, and resolves. The
   * queue stays open, and calls are still put into it.
   */
  close(options?: CloseOptions): Promise<void> {
    this.#gate?.end();
    return this.#consumer.close(options);
  }

  /** Calls {@link close}, for `await using`. */
  [DISPOSE](): Promise<void> {
    return this.close();
  }

  async #enqueue(call: { readonly context: FallbackContext; readonly isLate: boolean }): Promise<QueueReceipt> {
    const { context } = call;
    const { queue, topic, payload: payloadOf, key: keyOf, group: groupOf } = this.#settings;
    const key = keyOf === undefined ? context.key : await keyOf(context);
    if (key === undefined) throw new TypeError('Queue: a call whose operation is put off must have the option key');
    if (isOwnOperation(this, key, context)) {
      throw new Error(`Queue: the operation of ${key} has called its own pipeline, and cannot be put off again`);
    }
    const payload = await payloadOf(context);
    const group = await groupOf?.(context);
    const hasEnded = () => call.isLate || context.call.aborted !== undefined;
    if (hasEnded()) throw new Error('Queue: the call ended before its operation was put off');
    const priority = context.call.options?.priority;
    const receipt = await queue.enqueue({ key, topic, payload, delay: this.#delay, priority, group });
    const { id, status } = receipt;
    this.#counts[COUNTER_OF[status]]++;
    this.#emit('queued', { topic, id, key, status, answered: !hasEnded() });
    return receipt;
  }

  /** Milliseconds until an operation can start. The call has just failed, so it waits unless the circuit is open. */
  get #delay(): number {
    const { retryDelay } = this.#settings;
    return this.#gate === undefined || this.#gate.isCircuitClosed ? retryDelay : 0;
  }

  /** Runs an operation, through the breaker if there is one. */
  async #operate(payload: unknown, context: OperationContext): Promise<unknown> {
    const { operation, breaker } = this.#settings;
    const { key, signal: leaseSignal } = context;
    let isAdmitted = false;
    const run = ({ signal }: { readonly signal: AbortSignal }) => {
      isAdmitted = true;
      const work = () => operation(payload as never, { ...context, signal });
      return runAsOwn({ strategy: this, key }, signal, work);
    };
    if (breaker === undefined) return run({ signal: leaseSignal });
    try {
      return await circuitOf(breaker).executeReplay(run, { signal: leaseSignal });
    } catch (error) {
      if (isAdmitted) throw error;
      this.#gate?.check();
      throw new NotAdmitted(error);
    }
  }

  #setGate(isOpen: boolean): void {
    this.#isGateOpen = isOpen;
    if (!isOpen) this.#consumer.pause();
    else if (!this.#isPaused) this.#consumer.resume({ gradually: true });
  }

  /** Returns the classification of a breaker as a function. */
  #classifyOf(breaker: CircuitBreaker | undefined): ClassificationOptions['classify'] {
    const classifier = breaker && circuitOf(breaker).hooks.classifier;
    const faults: FaultListener = { recordFault: (_kind, message, error) => this.#report(message, error) };
    return classifier && ((outcome) => verdictOf(classifier, outcome, faults));
  }

  #listen<Name extends keyof QueuedEvents>(
    method: 'on' | 'once',
    event: Name,
    listener: (event: QueuedEvents[Name]) => unknown,
  ): () => void {
    checkSubscription(`Policy ${this.name}`, EVENTS, event, listener);
    if (isOwnEvent(event)) return this.#listeners.add(event, listener as never, method === 'once');
    return this.#consumer[method](event as keyof ConsumerEvents, listener as never);
  }

  #emit<Name extends keyof OwnEvents>(name: Name, event: OwnEvents[Name]): void {
    if (this.#listeners.has(name)) callInScope(this.#scope, () => this.#listeners.emit(name, event));
  }

  #report(message: string, error: unknown): void {
    reportFault(undefined, `Policy ${this.name}: ${message}`, error);
  }
}

function isOwnEvent(event: keyof QueuedEvents): event is keyof OwnEvents {
  return (OWN_EVENTS as readonly string[]).includes(event);
}

const COUNTER_OF = {
  new: 'totalQueued',
  revived: 'totalRevived',
  waiting: 'totalDuplicates',
  running: 'totalDuplicates',
  dead: 'totalDuplicates',
} as const satisfies Record<QueueReceiptStatus, string>;

/**
 * Returns a strategy that puts the operation into a queue, and answers with a receipt. The operation runs while the circuit is
 * closed. What an earlier process has left is run as well.
 *
 * ```ts
 * const later = queued({
 *   queue: sqliteQueue({ path: 'orders.db' }),
 *   topic: 'orders',
 *   breaker,
 *   payload: ({ args: [order] }) => order,
 *   operation: (order, { key, signal }) => postOrder(order, { key, signal }),
 * });
 * const orders = pipeline([fallback([later]), breaker]);
 * await orders.execute(({ signal }) => postOrder(order, { signal }), { key: order.id, args: [order] });
 * ```
 *
 * @throws {OptionsError} with all problems of the options.
 */
export function queued<Payload>(
  options: QueuedOptions<Payload> & { readonly key: (context: FallbackContext) => string | PromiseLike<string> },
): Queued<false>;
export function queued<Payload>(options: QueuedOptions<Payload>): Queued<true>;
export function queued<Payload>(options: QueuedOptions<Payload>): Queued {
  const reader = readPolicyOptions('queue', options);
  const { topic, retryDelay, pollInterval } = readConsumerOptions(reader);
  const { concurrency, maxAttempts, retryDelay: delay, maxRetryDelay, maxAge, leaseTime, classify } = options;
  const settings = {
    queue: readQueue(reader),
    topic,
    payload: reader.callable('payload') as QueuedSettings['payload'],
    key: reader.callable('key') as QueuedSettings['key'],
    group: reader.callable('group') as QueuedSettings['group'],
    operation: reader.callable('operation') as QueuedSettings['operation'],
    breaker: readBreaker(reader),
    enqueueTimeout: reader.milliseconds('enqueueTimeout') ?? 5_000,
    retryDelay,
    pollInterval,
    consumer: {
      ...{ concurrency, maxAttempts, retryDelay: delay, maxRetryDelay, maxAge, leaseTime, classify },
      pollInterval: options.pollInterval,
    },
  };
  return new Queued({ ...settings, ...finishStrategy(reader, 'queue', 'topic', 'payload', 'operation') });
}

const QUEUE_METHODS = ['enqueue', 'consume'] as const;

function readQueue(reader: OptionsReader): Queue {
  const queue = reader.value('queue') as Queue | undefined;
  const isQueue =
    typeof queue === 'object' && queue !== null && QUEUE_METHODS.every((method) => typeof queue[method] === 'function');
  if (queue !== undefined && !isQueue) reader.report('queue', 'type', `a queue, with ${QUEUE_METHODS.join(' and ')}`);
  return queue as Queue;
}

function readBreaker(reader: OptionsReader): CircuitBreaker | undefined {
  const breaker = reader.value('breaker');
  if (breaker === undefined || breaker instanceof CircuitBreaker) return breaker;
  reader.report('breaker', 'type', 'a CircuitBreaker of this copy of fusewire');
  return undefined;
}

/** Returns how a classifier judges an outcome. */
function verdictOf(classifier: Classifier, outcome: Outcome, faults: FaultListener): Verdict {
  const classification =
    'error' in outcome ? classifier.ofError(outcome.error, faults) : classifier.ofValue(outcome.value, faults);
  const { retry, retryAfter } = classification;
  const verdict = isSuccess(classification) ? 'success' : isFailure(classification) ? 'failure' : 'ignore';
  return retry === undefined && retryAfter === undefined ? verdict : { verdict, retry, retryAfter };
}
