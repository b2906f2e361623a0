import { isFailure, isSuccess } from '../classification/classification.ts';
import type { Classification } from '../classification/classification.ts';
import { classifyError, classifyValue } from '../classification/classifier.ts';
import type { Classifier, FaultListener } from '../classification/classifier.ts';
import { BreakerDisposedError } from '../errors/breaker-disposed-error.ts';
import { isRejection } from '../errors/rejected-error.ts';
import { isAbortError } from '../run/abort-signals.ts';
import type { ConsumerSettings } from './consumer-options.ts';
import type { Settlement, StoredMessage } from './queue-store.ts';

/** Error of an operation that the breaker of its consumer did not admit. */
export class NotAdmitted {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

/** Decides what becomes of messages after their attempts. */
export class SettlementRules {
  readonly #settings: ConsumerSettings;
  readonly #faults: FaultListener;

  constructor(settings: ConsumerSettings, faults: FaultListener) {
    this.#settings = settings;
    this.#faults = faults;
  }

  /** Returns the settlement of a message that must not be attempted again, or undefined if it may be. */
  beforeAttempt({ attempts, abandoned, lastError }: StoredMessage): Settlement | undefined {
    // After one lost lease it gets one more attempt: another message may have ended the process.
    if (attempts <= this.#settings.maxAttempts || abandoned < 2) return undefined;
    return { kind: 'buried', error: lastError ?? NO_ERROR };
  }

  /** Returns the settlement of a message whose operation has returned a value. */
  afterValue(message: StoredMessage, value: unknown): Settlement {
    const verdict = classifyValue(this.#classifier, value, this.#faults);
    if (!isFailure(verdict)) return { kind: 'done' };
    return this.#afterFailure(message, new Error(`the operation returned a failure${statusOf(value)}`), verdict);
  }

  /**
   * Returns the settlement of a message whose operation has failed. A rejection was no attempt; an error that is permanent, such
   * as that of a wrong request, needs no further one.
   */
  afterError(message: StoredMessage, thrown: unknown): Settlement {
    const { pollInterval } = this.#settings;
    if (thrown instanceof NotAdmitted) return { kind: 'released', after: pollInterval };
    const error = lastErrorOf(thrown);
    if (isRejection(error) || error instanceof BreakerDisposedError) {
      const after = isRejection(error) ? (error.retryAfter ?? 0) : 0;
      return { kind: 'released', after: Math.min(Math.max(after, pollInterval), LONGEST_RELEASE) };
    }
    const verdict = classifyError(this.#classifier, error, this.#faults);
    if (isSuccess(verdict)) return { kind: 'done' };
    // An abort says nothing about the message.
    const isPermanent = verdict.retry === undefined ? !isFailure(verdict) && !isAbortError(error) : !verdict.retry;
    return isPermanent ? { kind: 'buried', error: thrown } : this.#afterFailure(message, thrown, verdict);
  }

  #afterFailure({ attempts, age }: StoredMessage, error: unknown, { retryAfter = 0 }: Classification): Settlement {
    const { maxAttempts, maxAge, retryDelay, maxRetryDelay } = this.#settings;
    const longest = Math.min(maxRetryDelay, retryDelay * 2 ** Math.min(attempts - 1, 50));
    const after = Math.max(Math.round(Math.random() * longest), retryAfter);
    if (attempts >= maxAttempts || age + after > maxAge) return { kind: 'buried', error };
    return { kind: 'failed', after, error };
  }

  get #classifier(): Classifier | undefined {
    return this.#settings.classifier;
  }
}

/** Longest wait of a message after a rejection, in milliseconds. */
const LONGEST_RELEASE = 60_000;

const NO_ERROR = 'no attempt reported an error: its process ended, or its lease expired';

/** Returns the last error of a call whose retries have all failed. */
function lastErrorOf(error: unknown): unknown {
  try {
    const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown };
    return code === 'ERR_RETRIES_EXHAUSTED' && cause !== undefined ? cause : error;
  } catch {
    return error;
  }
}

function statusOf(value: unknown): string {
  const { status } = (value ?? {}) as { readonly status?: unknown };
  return typeof status === 'number' ? `, with status ${status}` : '';
}
