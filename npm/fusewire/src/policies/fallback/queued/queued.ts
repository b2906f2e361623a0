import { CircuitBreaker } from '../../../breaker/circuit-breaker.ts';
import { reportFault } from '../../../logging.ts';
import { readPolicyOptions } from '../../../options/options-reader.ts';
import type { OptionsReader } from '../../../options/options-reader.ts';
import type { FallbackContext } from '../context.ts';
import type { Queue, QueueReceipt } from './queue.ts';
import { Replay } from './replay.ts';
import type { ReplayContext, ReplayReport, ReplaySettings } from './replay.ts';
import { finishStrategy } from '../strategy.ts';
import type { FallbackStrategy, StrategyOptions, StrategySettings } from '../strategy.ts';

/** What is kept of a call that failed, and how it is done later. */
export interface QueuedOptions<Payload> extends StrategyOptions {
  /** Where it is kept. */
  readonly queue: Queue<Payload>;
  /** All that is needed to do it later: anything that JSON can hold. */
  readonly payload: (context: FallbackContext) => Payload | PromiseLike<Payload>;
  /** Tells one operation from another: the same one, asked for again, must get the same key. */
  readonly idempotencyKey: (context: FallbackContext) => string | PromiseLike<string>;
  /** Does it. At least once: it must do nothing the second time for the same key. */
  readonly operation: (payload: Payload, context: ReplayContext) => unknown;
  /**
   * The breaker whose circuit has to be closed: operations run through it, begin when it closes and end when it opens.
   * Without one, call {@link Queued.replay}.
   */
  readonly breaker?: CircuitBreaker | undefined;
  /** How many operations run at a time: 1 to 1 000. Default 1: one after the other, in order. */
  readonly concurrency?: number | undefined;
  /** How often an operation may fail until it becomes a dead letter: 1 to 1 000. Default 10. */
  readonly maxAttempts?: number | undefined;
  /** Milliseconds from a failure to the next operation: 0 to 2 147 483 647. Default 1 000. */
  readonly retryDelay?: number | undefined;
  /**
   * Milliseconds after which a message is given to somebody else when its process has ended: 100 to 2 147 483 647. Default
   * 30 000. An operation may take longer.
   */
  readonly visibility?: number | undefined;
}

/** What a queue for later has seen. */
export interface QueuedStats {
  readonly name: string;
  /** Operations that were put into the queue. */
  readonly totalQueued: number;
  /** Operations that were there already. */
  readonly totalDuplicates: number;
  /** Operations that were done. */
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

/** Keeps what could not be done, answers with a receipt, and does it when it can. */
export class Queued implements FallbackStrategy<QueueReceipt> {
  readonly name: string;
  readonly priority: number | undefined;
  readonly canHandle: FallbackStrategy['canHandle'];
  readonly #settings: QueuedSettings;
  readonly #leaveBreaker: (() => void)[] = [];
  #queued = 0;
  #duplicates = 0;
  #completed = 0;
  #failed = 0;
  #buried = 0;
  #replay: Replay | undefined;
  #replaying: Promise<ReplayReport> | undefined;
  #again = false;
  #closed = false;

  /** @internal */
  constructor(settings: QueuedSettings) {
    this.name = settings.name;
    this.priority = settings.priority;
    this.canHandle = settings.canHandle;
    this.#settings = settings;
    const { breaker } = settings;
    if (breaker === undefined) return;
    this.#leaveBreaker.push(
      breaker.on('close', ({ shadow }) => shadow || this.#replayUnasked(0)),
      breaker.on('open', ({ shadow }) => shadow || this.#replay?.stop()),
    );
  }

  /** Puts the operation into the queue. */
  async execute(_error: unknown, context: FallbackContext): Promise<QueueReceipt> {
    const { idempotencyKey, payload, queue, breaker, retryDelay } = this.#settings;
    const receipt = await queue.enqueue({ key: await idempotencyKey(context), payload: await payload(context) });
    if (receipt.duplicate) this.#duplicates++;
    else this.#queued++;
    // A circuit that is closed already will not tell of it.
    if (breaker?.disposed === false && breaker.state === 'CLOSED') this.#replayUnasked(retryDelay);
    return receipt;
  }

  /**
   * Does what is in the queue, until it is empty or the circuit opens. To be called when the program starts, for what an
   * earlier process has left. Called while a replay runs, it has that one look again at the end.
   *
   * Rejects where the queue does.
   */
  replay(): Promise<ReplayReport> {
    return this.#start(0);
  }

  /** Everything that is counted, as of now. */
  getStats(): QueuedStats {
    return {
      name: this.name,
      totalQueued: this.#queued,
      totalDuplicates: this.#duplicates,
      totalCompleted: this.#completed,
      totalFailed: this.#failed,
      totalBuried: this.#buried,
    };
  }

  /** Leaves the breaker, and ends when the operations that run have ended. The queue stays open. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const leave of this.#leaveBreaker.splice(0)) leave();
    this.#replay?.stop();
    await this.#replaying?.catch(() => undefined);
  }

  /** The same as {@link close}, for `await using`. */
  [DISPOSE](): Promise<void> {
    return this.close();
  }

  #start(delay: number): Promise<ReplayReport> {
    this.#again = true;
    return (this.#replaying ??= this.#run(delay).finally(() => (this.#replaying = undefined)));
  }

  async #run(delay: number): Promise<ReplayReport> {
    const total = { completed: 0, failed: 0, buried: 0, stopped: false };
    while (this.#again && !this.#closed) {
      this.#again = false;
      this.#replay = new Replay(this.#settings, delay);
      const { completed, failed, buried, stopped } = await this.#replay.run();
      total.completed += completed;
      total.failed += failed;
      total.buried += buried;
      total.stopped = stopped;
    }
    this.#completed += total.completed;
    this.#failed += total.failed;
    this.#buried += total.buried;
    return total;
  }

  /** Replays where nobody waits for it. */
  #replayUnasked(delay: number): void {
    this.#start(delay).catch((error: unknown) => {
      reportFault(undefined, `Policy ${this.name}: the queue failed`, error);
    });
  }
}

/**
 * Answers with a receipt: the operation is in a queue, and is done when the circuit closes.
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
 * @throws {BreakerOptionsError} with everything that is wrong with the options.
 */
export function queued<Payload>(options: QueuedOptions<Payload>): Queued {
  const reader = readPolicyOptions('queue', options);
  const settings = {
    queue: readQueue(reader),
    payload: reader.callable('payload') as QueuedSettings['payload'],
    idempotencyKey: reader.callable('idempotencyKey') as QueuedSettings['idempotencyKey'],
    operation: reader.callable('operation') as QueuedSettings['operation'],
    breaker: readBreaker(reader),
    concurrency: reader.number('concurrency', 1, MOST, COUNT, true) ?? 1,
    maxAttempts: reader.number('maxAttempts', 1, MOST, COUNT, true) ?? 10,
    retryDelay: reader.milliseconds('retryDelay', 0) ?? 1_000,
    visibility: reader.milliseconds('visibility', 100) ?? 30_000,
  };
  return new Queued({ ...settings, ...finishStrategy(reader, 'queue', 'payload', 'idempotencyKey', 'operation') });
}

const MOST = 1_000;
const COUNT = `a whole number from 1 to ${MOST}`;
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
