import { CircuitBreaker, pipeline, RejectedError } from 'fusewire';
import type { CircuitState, Outcome, Pipeline } from 'fusewire';
import { readRetryAfter } from 'fusewire/kit';
import type { AlertNotification } from './alert.ts';
import { DeliveryError } from './notifier.ts';
import type { DeliveryAttempt, Notifier } from './notifier.ts';
import type { SteadyTime } from './steady-time.ts';

/** Limits of the delivery of notifications, the same for every notifier. */
export interface DeliverySettings {
  /** Name of the alerts. */
  readonly name: string;
  readonly time: SteadyTime;
  /** Returns the time of day, in milliseconds since 1970. */
  readonly timeOfDay: () => number;
  /** Most attempts for one notification. */
  readonly attempts: number;
  /** Milliseconds after which a notification is given up. */
  readonly giveUpAfter: number;
  /** Most notifications that wait for one notifier. */
  readonly queueSize: number;
}

/** Reason why a notifier did not get a notification. */
export type UndeliveredReason =
  /** Every attempt failed, or the notifier rejected it for good. */
  | 'failed'
  /** The time for it has passed. */
  | 'expired'
  /** Too many notifications waited. */
  | 'queue-full'
  /** The notifier was removed, or the alerts were closed. */
  | 'closed';

/** Receives what happened to the notifications of one notifier. */
export interface DeliveryHooks {
  delivered(notification: AlertNotification): void;
  undelivered(notification: AlertNotification, reason: UndeliveredReason, error: string | null): void;
  /** Reports a fault of `accepts`. */
  fault(message: string, error: unknown): void;
  /** Returns the message of an error without secrets. */
  describe(error: unknown): string;
}

/** Counters of one notifier. */
export interface NotifierStats {
  readonly name: string;
  /** Notifications that it has accepted. */
  readonly delivered: number;
  /** Attempts that failed. */
  readonly failedAttempts: number;
  /** Notifications that it never got, for any reason. */
  readonly undelivered: number;
  /** Notifications that a newer one about the same group has replaced while they waited. */
  readonly replaced: number;
  /** Notifications that wait, with the one that is being delivered. */
  readonly waiting: number;
  /** State of the breaker around the notifier. */
  readonly circuit: CircuitState;
  /** Message of the last failure, without secrets; null if the last attempt succeeded. */
  readonly lastError: string | null;
}

interface Waiting {
  readonly notification: AlertNotification;
  readonly expiresAt: number;
}

const DEFAULT_TIMEOUT = 10_000;
/** Milliseconds for which a notifier that keeps failing is left alone. */
const OPEN_TIME = 30_000;
/** Delays between two attempts in milliseconds. */
const DELAY = { type: 'exponential', initial: 1_000, max: 30_000, jitter: 'equal' } as const;
/** Longest `Retry-After` that is respected, in milliseconds. */
const LONGEST_RETRY_AFTER = 300_000;

/**
 * Delivers notifications to one notifier, one at a time and in their order, through a retry and a breaker of its own. Nothing
 * waits for it, and nothing that it does reaches another notifier.
 */
export class Channel {
  readonly notifier: Notifier;
  readonly #settings: DeliverySettings;
  readonly #hooks: DeliveryHooks;
  readonly #breaker: CircuitBreaker;
  readonly #pipeline: Pipeline;
  #isClosed = false;
  /** Ends the delivery of the present notification. */
  #end: AbortController | undefined;
  #queue: Waiting[] = [];
  /** Notification that is being delivered. */
  #current: Waiting | undefined;
  #attempt = 0;
  #delivered = 0;
  #failedAttempts = 0;
  #undelivered = 0;
  #replaced = 0;
  #lastError: string | null = null;
  #idle: Promise<void> = Promise.resolve();

  constructor(notifier: Notifier, settings: DeliverySettings, hooks: DeliveryHooks) {
    const { time: clock, attempts, timeOfDay } = settings;
    this.notifier = notifier;
    this.#settings = settings;
    this.#hooks = hooks;
    const name = `${settings.name}.${notifier.name}`.slice(0, 200);
    this.#breaker = new CircuitBreaker({
      name,
      clock,
      timeout: notifier.timeout ?? DEFAULT_TIMEOUT,
      consecutiveFailureThreshold: 5,
      resetTimeout: OPEN_TIME,
      classify,
    });
    this.#pipeline = pipeline({
      name,
      idempotent: true,
      classify,
      retry: {
        clock,
        attempts,
        delay: DELAY,
        retryIf: () => this.#attempt < attempts,
        retryAfter: (failure) => readRetryAfter(failure, timeOfDay),
        maxRetryAfter: LONGEST_RETRY_AFTER,
      },
      breaker: this.#breaker,
    });
  }

  /** Adds a notification, if the notifier accepts it. Never throws. */
  add(notification: AlertNotification): void {
    if (this.#isClosed || !this.#accepts(notification)) return;
    // A newer state of a group says all that an older one said. An acknowledgement does not.
    if (notification.status !== 'acknowledged') {
      const others = this.#queue.filter((waiting) => waiting.notification.key !== notification.key);
      this.#replaced += this.#queue.length - others.length;
      this.#queue = others;
    }
    if (this.#queue.length >= this.#settings.queueSize)
      this.#giveUp(this.#queue.shift() as Waiting, 'queue-full', null);
    this.#queue.push({ notification, expiresAt: this.#settings.time() + this.#settings.giveUpAfter });
    if (this.#current === undefined) this.#idle = this.#deliverAll();
  }

  /** Resolves once no notification waits. */
  settled(): Promise<void> {
    return this.#idle;
  }

  /** Ends the delivery: aborts the present attempt, and drops what waits. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#end?.abort(CLOSED);
    for (const waiting of this.#queue.splice(0)) this.#giveUp(waiting, 'closed', null);
    if (this.#current === undefined) this.#breaker.dispose();
  }

  getStats(): NotifierStats {
    return {
      name: this.notifier.name,
      delivered: this.#delivered,
      failedAttempts: this.#failedAttempts,
      undelivered: this.#undelivered,
      replaced: this.#replaced,
      waiting: this.#queue.length + (this.#current === undefined ? 0 : 1),
      circuit: this.#breaker.disposed ? 'CLOSED' : this.#breaker.state,
      lastError: this.#lastError,
    };
  }

  #accepts(notification: AlertNotification): boolean {
    try {
      return this.notifier.accepts?.(notification) ?? true;
    } catch (error) {
      // A notification too many is better than one too few.
      this.#hooks.fault(`accepts of the notifier ${this.notifier.name} failed`, error);
      return true;
    }
  }

  async #deliverAll(): Promise<void> {
    while ((this.#current = this.#queue.shift()) !== undefined) await this.#deliver(this.#current);
    if (this.#isClosed) this.#breaker.dispose();
  }

  /** Delivers one notification, or gives it up. Never rejects. */
  async #deliver(waiting: Waiting): Promise<void> {
    const { time } = this.#settings;
    const end = (this.#end = new AbortController());
    const remove = time.setTimer(() => end.abort(EXPIRED), Math.max(0, waiting.expiresAt - time()));
    this.#attempt = 0;
    try {
      await this.#attemptUntil(waiting.notification, end.signal);
      this.#delivered++;
      this.#lastError = null;
      this.#hooks.delivered(waiting.notification);
    } catch (error) {
      const { reason: ended } = end.signal as { reason: unknown };
      const reason = ended === CLOSED ? 'closed' : ended === EXPIRED ? 'expired' : 'failed';
      this.#giveUp(waiting, reason, reason === 'failed' ? this.#hooks.describe(error) : this.#lastError);
    } finally {
      remove();
    }
  }

  /** Attempts a delivery until it succeeds, or may not be repeated. An open circuit is waited for. */
  async #attemptUntil(notification: AlertNotification, signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.#breaker.ready({ signal });
      try {
        await this.#pipeline.execute((call) => this.#try(notification, call.signal), { signal });
        return;
      } catch (error) {
        if (!(error instanceof RejectedError) || this.#attempt >= this.#settings.attempts) throw error;
      }
    }
  }

  async #try(notification: AlertNotification, signal: AbortSignal): Promise<void> {
    const attempt: DeliveryAttempt = { signal, attempt: ++this.#attempt, time: this.#settings.timeOfDay() };
    const onAbort = () => this.#failed(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await this.notifier.deliver(notification, attempt);
    } catch (error) {
      if (!signal.aborted) this.#failed(error);
      // A rejection by a policy of the notifier is a failure like any other, and not one by the breaker around it.
      throw error instanceof RejectedError ? new DeliveryError('A policy of the notifier rejected the attempt') : error;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  #failed(error: unknown): void {
    this.#failedAttempts++;
    // The end of a delivery says nothing about the receiver.
    if (error !== EXPIRED && error !== CLOSED) this.#lastError = this.#hooks.describe(error);
  }

  #giveUp({ notification }: Waiting, reason: UndeliveredReason, error: string | null): void {
    this.#undelivered++;
    this.#hooks.undelivered(notification, reason, error);
  }
}

const EXPIRED = new DeliveryError('The time for the notification has passed');
const CLOSED = new DeliveryError('The notifier was closed');

/** Judges an attempt: what no other attempt can change says nothing about the receiver. */
function classify(outcome: Outcome): 'ignore' | undefined {
  return 'error' in outcome && outcome.error instanceof DeliveryError && outcome.error.isPermanent
    ? 'ignore'
    : undefined;
}
