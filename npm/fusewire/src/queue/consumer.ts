import { reportFault } from '../logging.ts';
import { callInScope, captureScope } from '../run/async-scope.ts';
import { checkSubscription, EventListeners } from '../run/event-listeners.ts';
import { asPromise } from '../run/promises.ts';
import { defaultClock } from '../time/clock.ts';
import type { FaultListener } from '../classification/classifier.ts';
import type {
  CloseOptions,
  Consumer,
  ConsumerEvents,
  ConsumerSettings,
  ConsumerStats,
  OperationContext,
  ResumeOptions,
} from './consumer-options.ts';
import type { Settlement, StoreAction, StoredMessage, StoreWorker, WorkerHooks } from './queue-store.ts';
import { checkTimeout, fromJson } from './queue-text.ts';
import { SettlementRules } from './settlement.ts';
import { setIdleTimer } from './timers.ts';

/** Runs the operation of a message. */
export type Handler = (payload: never, context: OperationContext) => unknown;

/** Names of the events of a consumer. */
export const CONSUMER_EVENTS = ['done', 'failed', 'buried', 'leaseLost', 'expired', 'fault'] as const;

/** Messages that fail in a row, from which on the dependency, and not a message, is taken to be at fault. */
const FAILURES_OF_OUTAGE = 5;
const MAX_DOUBLINGS = 30;
/** Longest pause after such failures, in milliseconds. */
const LONGEST_PAUSE = 60_000;

/** Consumer over the worker of any store. It decides when operations run, and what becomes of their messages. */
export class QueueConsumer implements Consumer, WorkerHooks, FaultListener {
  readonly topic: string;
  readonly #settings: ConsumerSettings;
  readonly #handler: Handler;
  readonly #rules: SettlementRules;
  readonly #worker: StoreWorker;
  readonly #onClosed: (() => void)[] = [];
  /** Scope of the code that created the consumer. Operations belong to no call. */
  readonly #scope = captureScope();
  readonly #listeners = new EventListeners<ConsumerEvents>((message, error) => this.#report(message, error));
  readonly #counts = {
    totalDone: 0,
    totalFailed: 0,
    totalReleased: 0,
    totalBuried: 0,
    totalLeasesLost: 0,
    totalExpired: 0,
    totalFaults: 0,
  };
  /** Last error of the store, with the time of it. */
  lastFault: { readonly error: unknown; readonly action: StoreAction; readonly at: number } | undefined;
  #isPaused = false;
  /** Whether it pauses because every operation fails. */
  #isOutage = false;
  /** Ids of the messages that have failed since the last success. A poison message counts once, however often it fails. */
  readonly #failedInRow = new Set<string>();
  #hasReportedFault = false;
  #removeTimer: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(settings: ConsumerSettings, handler: Handler, startWorker: (hooks: WorkerHooks) => StoreWorker) {
    this.topic = settings.topic;
    this.#settings = settings;
    this.#handler = handler;
    this.#rules = new SettlementRules(settings, this);
    this.#worker = startWorker(this);
  }

  /** Whether the consumer pauses because every operation fails. */
  get isOutage(): boolean {
    return this.#isOutage;
  }

  pause(): void {
    this.#isPaused = true;
    this.#worker.pause();
  }

  resume({ gradually = false }: ResumeOptions = {}): void {
    if (gradually) this.#worker.limit = 1;
    this.#isPaused = false;
    this.#resumeWorker();
  }

  /** Looks for messages after so many milliseconds. */
  wake(after: number): void {
    callInScope(this.#scope, () => this.#worker.wake(after));
  }

  /** Calls `listener` when the consumer is closed. */
  onClosed(listener: () => void): void {
    this.#onClosed.push(listener);
  }

  async close(options: CloseOptions = {}): Promise<void> {
    const timeout = checkTimeout(options);
    return (this.#closing ??= this.#close(timeout));
  }

  getStats(): ConsumerStats {
    const state = this.#closing !== undefined ? 'closed' : this.#isPaused || this.#isOutage ? 'paused' : 'running';
    return { topic: this.topic, state, running: this.#worker.running, ...this.#counts };
  }

  on<Name extends keyof ConsumerEvents>(name: Name, listener: (event: ConsumerEvents[Name]) => unknown): () => void {
    checkSubscription('Queue', CONSUMER_EVENTS, name, listener);
    return this.#listeners.add(name, listener, false);
  }

  once<Name extends keyof ConsumerEvents>(name: Name, listener: (event: ConsumerEvents[Name]) => unknown): () => void {
    checkSubscription('Queue', CONSUMER_EVENTS, name, listener);
    return this.#listeners.add(name, listener, true);
  }

  off<Name extends keyof ConsumerEvents>(name: Name, listener: (event: ConsumerEvents[Name]) => unknown): void {
    this.#listeners.remove(name, listener);
  }

  async run(message: StoredMessage, signal: AbortSignal): Promise<Settlement> {
    const settlement = this.#rules.beforeAttempt(message);
    if (settlement !== undefined) return settlement;
    const payload = fromJson(message.payload);
    if (payload === undefined) return { kind: 'buried', error: new SyntaxError('the stored payload is not JSON') };
    const { key, topic, attempts: attempt } = message;
    try {
      const value = await this.#inScope(() => this.#handler(payload.value as never, { key, topic, attempt, signal }));
      return this.#rules.afterValue(message, value);
    } catch (error) {
      return this.#rules.afterError(message, error);
    }
  }

  settled(message: StoredMessage, settlement: Settlement): void {
    const event = this.#eventOf(message);
    switch (settlement.kind) {
      case 'done':
        this.#counts.totalDone++;
        this.#onSuccess();
        return this.#emit('done', event);
      case 'failed':
        this.#counts.totalFailed++;
        this.#onFailure(message.id);
        return this.#emit('failed', { ...event, error: settlement.error, delay: settlement.after });
      case 'released':
        this.#counts.totalReleased++;
        return;
      case 'buried':
        this.#counts.totalFailed++;
        this.#counts.totalBuried++;
        this.#emit('buried', { ...event, error: settlement.error });
        if (!this.#listeners.has('buried')) this.#report(`message ${message.id} is a dead letter`, settlement.error);
    }
  }

  leaseLost(message: StoredMessage): void {
    this.#counts.totalLeasesLost++;
    this.#emit('leaseLost', this.#eventOf(message));
  }

  fault(error: unknown, action: StoreAction): void {
    this.#counts.totalFaults++;
    this.lastFault = { error, action, at: defaultClock() };
    this.#emit('fault', { topic: this.topic, action, error });
    if (this.#listeners.has('fault') || this.#hasReportedFault) return;
    // Once until an operation succeeds: a store that is away fails at each interval.
    this.#hasReportedFault = true;
    this.#report('the store failed', error);
  }

  /** Reports dead letters that were deleted because of their age. */
  expired(count: number): void {
    this.#counts.totalExpired += count;
    this.#emit('expired', { topic: this.topic, count });
    if (this.#listeners.has('expired')) return;
    this.#report(`${count} dead letters were deleted`, new Error('they were older than maxDeadAge'));
  }

  recordFault(_kind: 'predicateErrors', message: string, error: unknown): void {
    this.#report(message, error);
  }

  async #close(timeout: number): Promise<void> {
    this.#removeTimer?.();
    for (const listener of this.#onClosed.splice(0)) listener();
    await this.#worker.close(timeout);
  }

  #inScope(work: () => unknown): Promise<unknown> {
    let running: Promise<unknown> | undefined;
    callInScope(this.#scope, () => {
      try {
        running = asPromise(work(), 'queue');
      } catch (error) {
        running = Promise.reject(error);
      }
    });
    return running as Promise<unknown>;
  }

  #onSuccess(): void {
    this.#failedInRow.clear();
    this.#hasReportedFault = false;
    const { concurrency } = this.#settings;
    if (this.#worker.limit < concurrency) this.#worker.limit = Math.min(concurrency, this.#worker.limit * 2);
  }

  /** Pauses if every operation fails, for twice as long after each further one: the dependency is down without a breaker. */
  #onFailure(id: string): void {
    if (this.#failedInRow.has(id) || this.#isOutage || this.#closing !== undefined) return;
    const excess = this.#failedInRow.size + 1 - FAILURES_OF_OUTAGE;
    if (excess < MAX_DOUBLINGS) this.#failedInRow.add(id);
    if (excess < 0) return;
    this.#worker.limit = 1;
    const pause = Math.min(LONGEST_PAUSE, this.#settings.retryDelay * 2 ** excess);
    if (pause === 0) return;
    this.#isOutage = true;
    this.#worker.pause();
    this.#removeTimer = setIdleTimer(() => {
      this.#isOutage = false;
      this.#resumeWorker();
    }, pause);
  }

  #resumeWorker(): void {
    if (this.#isPaused || this.#isOutage || this.#closing !== undefined) return;
    callInScope(this.#scope, () => this.#worker.resume());
  }

  #eventOf({ topic, id, key, attempts }: StoredMessage) {
    return { topic, id, key, attempt: attempts };
  }

  #emit<Name extends keyof ConsumerEvents>(name: Name, event: ConsumerEvents[Name]): void {
    if (this.#listeners.has(name)) callInScope(this.#scope, () => this.#listeners.emit(name, event));
  }

  #report(message: string, error: unknown): void {
    reportFault(undefined, `Queue, topic ${this.topic}: ${message}`, error);
  }
}
