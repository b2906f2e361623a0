import { readClassifier } from '../classification/classifier.ts';
import type { Classifier } from '../classification/classifier.ts';
import type { ClassificationOptions } from '../classification/outcome.ts';
import type { OptionsReader } from '../options/options-reader.ts';
import type { StoreAction, WorkerSettings } from './queue-store.ts';
import { isTopic } from './queue-text.ts';

/** Second argument of an operation that a consumer runs. */
export interface OperationContext {
  /** Idempotency key. An operation that succeeded before under the same key must have no further effect. */
  readonly key: string;
  readonly topic: string;
  /** Number of the attempt, from 1. An attempt whose process died counts. */
  readonly attempt: number;
  /** Signal that aborts when the call times out, the lease of the message is lost, or the consumer is closed. */
  readonly signal: AbortSignal;
}

/** Options of how a consumer runs operations. */
export interface ConsumerOptions extends ClassificationOptions {
  /** Most operations at a time: 1 to 1 000. Default 1. */
  readonly concurrency?: number | undefined;
  /** Number of failed attempts after which a message becomes a dead letter: 1 to 1 000. Default 25. */
  readonly maxAttempts?: number | undefined;
  /**
   * Mean delay in milliseconds, times two, before the second attempt of a message: 0 to 2 147 483 647. It doubles with each
   * further attempt, up to `maxRetryDelay`. The delay is a random part of it, and is kept in the store. Default 1 000.
   */
  readonly retryDelay?: number | undefined;
  /** Longest delay between two attempts of a message, in milliseconds: 0 to 2 147 483 647. Default 3 600 000. */
  readonly maxRetryDelay?: number | undefined;
  /**
   * Age in milliseconds from which a message whose attempt fails becomes a dead letter: 1 to 31 536 000 000. Default: no
   * limit.
   */
  readonly maxAge?: number | undefined;
  /**
   * Length of a lease, in milliseconds: 100 to 2 147 483 647. If the process dies, another one runs the message after this
   * time. A running operation extends its lease. Default 30 000.
   */
  readonly leaseTime?: number | undefined;
  /**
   * Milliseconds between two looks for messages of other processes, and for those whose delay or lease is over: 10 to
   * 2 147 483 647. Default 1 000.
   */
  readonly pollInterval?: number | undefined;
}

/** Options of `consume`. */
export interface ConsumeOptions extends ConsumerOptions {
  /** Topic whose messages it runs. Default `'default'`. */
  readonly topic?: string | undefined;
}

/** Event of one message. */
export interface MessageEvent {
  readonly topic: string;
  readonly id: string;
  readonly key: string;
}

/** Event of an attempt. */
export interface AttemptEvent extends MessageEvent {
  /** Number of the attempt, from 1. */
  readonly attempt: number;
}

/** Event of an attempt that has failed. */
export interface FailedEvent extends AttemptEvent {
  readonly error: unknown;
  /** Milliseconds until the next attempt. */
  readonly delay: number;
}

/** Event of a message that became a dead letter. */
export interface BuriedEvent extends AttemptEvent {
  readonly error: unknown;
}

/** Event of dead letters that were deleted, because they were older than the option `maxDeadAge` of the queue. */
export interface ExpiredEvent {
  readonly topic: string;
  /** Number of dead letters. */
  readonly count: number;
}

/** Event of a failure of the store. The consumer goes on. */
export interface FaultEvent {
  readonly topic: string;
  /** Step that has failed. */
  readonly action: StoreAction;
  readonly error: unknown;
}

/** Events of a consumer, each with its payload. */
export interface ConsumerEvents {
  readonly done: AttemptEvent;
  readonly failed: FailedEvent;
  readonly buried: BuriedEvent;
  readonly leaseLost: AttemptEvent;
  readonly expired: ExpiredEvent;
  readonly fault: FaultEvent;
}

/** Stats of a consumer. */
export interface ConsumerStats {
  readonly topic: string;
  readonly state: 'running' | 'paused' | 'closed';
  /** Operations that run. */
  readonly running: number;
  /** Operations that succeeded. */
  readonly totalDone: number;
  /** Attempts that failed, those included after which the message became a dead letter. */
  readonly totalFailed: number;
  /** Operations that a breaker or a policy rejected. They are no attempts, and run later. */
  readonly totalReleased: number;
  /** Messages that became dead letters. */
  readonly totalBuried: number;
  readonly totalLeasesLost: number;
  /** Dead letters that were deleted, because they were too old. */
  readonly totalExpired: number;
  /** Errors of the store. */
  readonly totalFaults: number;
}

/** Options of `close`. */
export interface CloseOptions {
  /** Milliseconds to wait for running operations: 0 to 2 147 483 647. Then their signals abort. Default 10 000. */
  readonly timeout?: number | undefined;
}

/** Options of `resume`. */
export interface ResumeOptions {
  /** Whether to start with one operation at a time. Their number doubles with each that succeeds. Default false. */
  readonly gradually?: boolean | undefined;
}

/** Runs the operations of a topic until it is closed. */
export interface Consumer {
  readonly topic: string;
  /** Starts no further operation. Those that run go on. */
  pause(): void;
  /** Ends a pause. */
  resume(options?: ResumeOptions): void;
  /**
   * Ends the consumer, within `timeout` and a second, whatever the operations and the store do. It claims no more messages,
   * waits for the operations that run, aborts the signals of those that still do, gives their messages back, and resolves.
   */
  close(options?: CloseOptions): Promise<void>;
  /** Returns the current stats. */
  getStats(): ConsumerStats;
  /**
   * Calls `listener` for every event of that name. Without a listener, `fault`, `buried` and `expired` are warnings of the process.
   *
   * @returns a function that removes the listener.
   * @throws {TypeError} if there is no such event, or `listener` is not a function.
   */
  on<Name extends keyof ConsumerEvents>(event: Name, listener: (event: ConsumerEvents[Name]) => unknown): () => void;
  /** Calls `listener` like {@link on}, but only for the next event. */
  once<Name extends keyof ConsumerEvents>(event: Name, listener: (event: ConsumerEvents[Name]) => unknown): () => void;
  /** Removes the latest subscription of `listener`, if there is one. */
  off<Name extends keyof ConsumerEvents>(event: Name, listener: (event: ConsumerEvents[Name]) => unknown): void;
}

/** Validated options of a consumer. */
export interface ConsumerSettings extends WorkerSettings {
  readonly maxAttempts: number;
  readonly retryDelay: number;
  readonly maxRetryDelay: number;
  readonly maxAge: number;
  readonly classifier: Classifier | undefined;
}

const MAX_COUNT = 1_000;
const COUNT = `a whole number from 1 to ${MAX_COUNT}`;
/** Longest delay and age of a message, in milliseconds: 365 days. */
export const LONGEST_DURATION = 31_536_000_000;

/** Reads the options of a consumer. */
export function readConsumerOptions(reader: OptionsReader): ConsumerSettings {
  return {
    topic: readTopic(reader),
    concurrency: reader.number('concurrency', 1, MAX_COUNT, COUNT, true) ?? 1,
    maxAttempts: reader.number('maxAttempts', 1, MAX_COUNT, COUNT, true) ?? 25,
    retryDelay: reader.milliseconds('retryDelay', 0) ?? 1_000,
    maxRetryDelay: reader.milliseconds('maxRetryDelay', 0) ?? 3_600_000,
    maxAge:
      reader.number('maxAge', 1, LONGEST_DURATION, `a number of milliseconds from 1 to ${LONGEST_DURATION}`) ??
      Infinity,
    leaseTime: reader.milliseconds('leaseTime', 100) ?? 30_000,
    pollInterval: reader.milliseconds('pollInterval', 10) ?? 1_000,
    classifier: readClassifier(reader),
  };
}

function readTopic(reader: OptionsReader): string {
  const topic = reader.value('topic');
  if (topic === undefined) return DEFAULT_TOPIC;
  if (isTopic(topic)) return topic;
  reader.report('topic', typeof topic === 'string' ? 'range' : 'type', 'a text of 1 to 200 characters');
  return DEFAULT_TOPIC;
}

/** Topic of messages without one. */
export const DEFAULT_TOPIC = 'default';
