import { CircuitBreaker } from '../../../breaker/circuit-breaker.ts';
import { reportFault } from '../../../logging.ts';
import { readPolicyOptions } from '../../../options/options-reader.ts';
import { callInScope, captureScope } from '../../../run/async-scope.ts';
import type { OptionsReader } from '../../../options/options-reader.ts';
import type { FallbackContext } from '../fallback-context.ts';
import type { Queue, QueueReceipt } from './queue.ts';
import { Replay } from './replay.ts';
import type { ReplayContext, ReplayReport, ReplaySettings } from './replay.ts';
import { finishStrategy } from '../fallback-strategy.ts';
import type { FallbackStrategy, StrategyOptions, StrategySettings } from '../fallback-strategy.ts';

/** Options of {@link queued}. */
export interface QueuedOptions<Payload> extends StrategyOptions {
  /** Queue that keeps the operations. */
  readonly queue: Queue<Payload>;
  /** Returns everything that the operation needs later, as a JSON value. */
  readonly payload: (context: FallbackContext) => Payload | PromiseLike<Payload>;
  /**
   * Returns the key that identifies the operation. The same operation must get the same key when it is requested again.
   */
  readonly idempotencyKey: (context: FallbackContext) => string | PromiseLike<string>;
  /** Runs the operation, at least once. It must have no further effect the second time for the same key. */
  readonly operation: (payload: Payload, context: ReplayContext) => unknown;
  /**
   * Breaker that admits the operations. They start when its circuit closes, and stop when it opens. An operation that
   * succeeds counts in the breaker, and one that fails is ignored, so that a faulty message opens no circuit for live calls.
   * Without a breaker, call {@link Queued.replay}.
   */
  readonly breaker?: CircuitBreaker | undefined;
  /** Most operations at a time: 1 to 1 000. Default 1: one after the other, in order. */
  readonly concurrency?: number | undefined;
  /** Number of failures after which an operation becomes a dead letter: 1 to 1 000. Default 10. */
  readonly maxAttempts?: number | undefined;
  /**
   * Milliseconds from a failure to the next operation: 0 to 2 147 483 647. Default 1 000. The delay doubles with each failure
   * in a row, up to 300 000, until an operation or a live call of the breaker succeeds.
   */
  readonly retryDelay?: number | undefined;
  /**
   * Length of a lease, in milliseconds: 100 to 2 147 483 647. If the process dies, another one can claim the message
   * after this time. A running operation extends its lease. Default 30 000.
   */
  readonly visibility?: number | undefined;
}

/** Stats of a queued strategy. */
export interface QueuedStats {
  readonly name: string;
  /** Operations that were added to the queue. */
  readonly totalQueued: number;
  /** Operations that were in the queue already. */
  readonly totalDuplicates: number;
  /** Operations that succeeded. */
  readonly totalCompleted: number;
  /** Attempts that failed. */
  readonly totalFailed: number;
  /** Operations that became dead letters. */
  readonly totalBuried: number;
}

interface QueuedSettings extends StrategySettings, ReplaySettings {
  readonly payload: (context: FallbackContext) => unknown;
  readonly idempotencyKey: (context: FallbackContext) => string | PromiseLike<string>;
}

const DISPOSE: typeof Symbol.asyncDispose = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');

/** Puts operations that failed into a queue, answers with a receipt, and runs them when the circuit closes. */
export class Queued implements FallbackStrategy<QueueReceipt> {
  readonly name: string;
  readonly priority: number | undefined;
  readonly canHandle: FallbackStrategy['canHandle'];
  readonly #settings: QueuedSettings;
  readonly #unsubscribe: (() => void)[] = [];
  /** Scope of the code that created the strategy. Operations belong to no call. */
  readonly #scope = captureScope();
  #totalQueued = 0;
  #totalDuplicates = 0;
  #totalCompleted = 0;
  #totalFailed = 0;
  #totalBuried = 0;
  #replay: Replay | undefined;
  #replaying: Promise<ReplayReport> | undefined;
  #replayAgain = false;
  #closed = false;

  /** @internal */
  constructor(settings: QueuedSettings) {
    this.name = settings.name;
    this.priority = settings.priority;
    this.canHandle = settings.canHandle;
    this.#settings = settings;
    const { breaker } = settings;
    if (breaker === undefined) return;
    this.#unsubscribe.push(
      breaker.on('close', ({ shadow }) => shadow || this.#replayInBackground(0)),
      breaker.on('open', ({ shadow }) => shadow || this.#replay?.stop()),
    );
  }

  /** Adds the operation to the queue. */
  async execute(_error: unknown, context: FallbackContext): Promise<QueueReceipt> {
    const { idempotencyKey, payload, queue, breaker, retryDelay } = this.#settings;
    const receipt = await queue.enqueue({ key: await idempotencyKey(context), payload: await payload(context) });
    if (receipt.duplicate) this.#totalDuplicates++;
    else this.#totalQueued++;
    // A circuit that is closed already emits no `close` event.
    if (breaker?.disposed === false && breaker.state === 'CLOSED') this.#replayInBackground(retryDelay);
    return receipt;
  }

  /**
   * Runs the operations in the queue until it is empty or the circuit opens. Call it when the program starts, for the
   * operations of an earlier process. If a replay is running, it checks the queue once more before it ends.
   *
   * Rejects if the queue does.
   */
  replay(): Promise<ReplayReport> {
    return this.#start(0);
  }

  /** Returns the current stats. */
  getStats(): QueuedStats {
    return {
      name: this.name,
      totalQueued: this.#totalQueued,
      totalDuplicates: this.#totalDuplicates,
      totalCompleted: this.#totalCompleted,
      totalFailed: this.#totalFailed,
      totalBuried: this.#totalBuried,
    };
  }

  /** Stops replays, and resolves when the running operations have settled. The queue stays open. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe();
    this.#replay?.stop();
    await this.#replaying?.catch(() => undefined);
  }

  /** Calls {@link close}, for `await using`. */
  [DISPOSE](): Promise<void> {
    return this.close();
  }

  #start(delay: number): Promise<ReplayReport> {
    this.#replayAgain = true;
    return (this.#replaying ??= this.#run(delay).finally(() => (this.#replaying = undefined)));
  }

  async #run(delay: number): Promise<ReplayReport> {
    const report = { completed: 0, failed: 0, buried: 0, stopped: false };
    while (this.#replayAgain && !this.#closed) {
      this.#replayAgain = false;
      this.#replay = new Replay(this.#settings, delay);
      const { completed, failed, buried, stopped } = await this.#replay.run();
      report.completed += completed;
      report.failed += failed;
      report.buried += buried;
      report.stopped = stopped;
    }
    this.#totalCompleted += report.completed;
    this.#totalFailed += report.failed;
    this.#totalBuried += report.buried;
    return report;
  }

  /** Starts a replay outside of the call that caused it. Its failure is reported, because nothing awaits it. */
  #replayInBackground(delay: number): void {
    callInScope(this.#scope, () => {
      this.#start(delay).catch((error: unknown) => {
        reportFault(undefined, `Policy ${this.name}: the queue failed`, error);
      });
    });
  }
}

/**
 * Returns a strategy that puts the operation into a queue, and answers with a receipt. It runs when the circuit closes.
 *
 * ```ts
 * const orders = queued({
 *   queue: sqliteQueue({ path: 'orders.db' }),
 *   breaker,
 *   idempotencyKey: ({ key }) => String(key),
 *   payload: ({ args: [order] }) => order,
 *   operation: (order, { key, signal }) => postOrder(order, { key, signal }),
 * });
 * await orders.replay();
 * ```
 *
 * @throws {OptionsError} with all problems of the options.
 */
export function queued<Payload>(options: QueuedOptions<Payload>): Queued {
  const reader = readPolicyOptions('queue', options);
  const settings = {
    queue: readQueue(reader),
    payload: reader.callable('payload') as QueuedSettings['payload'],
    idempotencyKey: reader.callable('idempotencyKey') as QueuedSettings['idempotencyKey'],
    operation: reader.callable('operation') as QueuedSettings['operation'],
    breaker: readBreaker(reader),
    concurrency: reader.number('concurrency', 1, MAX_COUNT, COUNT, true) ?? 1,
    maxAttempts: reader.number('maxAttempts', 1, MAX_COUNT, COUNT, true) ?? 10,
    retryDelay: reader.milliseconds('retryDelay', 0) ?? 1_000,
    visibility: reader.milliseconds('visibility', 100) ?? 30_000,
  };
  return new Queued({ ...settings, ...finishStrategy(reader, 'queue', 'payload', 'idempotencyKey', 'operation') });
}

const MAX_COUNT = 1_000;
const COUNT = `a whole number from 1 to ${MAX_COUNT}`;
const QUEUE_METHODS = ['enqueue', 'claim', 'extend', 'complete', 'fail', 'release', 'bury'] as const;

function readQueue(reader: OptionsReader): Queue {
  const queue = reader.value('queue') as Queue | undefined;
  const isQueue =
    typeof queue === 'object' && queue !== null && QUEUE_METHODS.every((method) => typeof queue[method] === 'function');
  if (queue !== undefined && !isQueue) reader.report('queue', 'type', `a queue, with ${QUEUE_METHODS.join(', ')}`);
  return queue as Queue;
}

function readBreaker(reader: OptionsReader): CircuitBreaker | undefined {
  const breaker = reader.value('breaker');
  if (breaker === undefined || breaker instanceof CircuitBreaker) return breaker;
  reader.report('breaker', 'type', 'a CircuitBreaker of this copy of fusewire');
  return undefined;
}
