import { readOptions } from 'fusewire/kit';
import type { OptionsReader } from 'fusewire/kit';
import { SEVERITIES } from '../events/event.ts';
import type { AlertNotification, AlertSeverity } from './alert.ts';

/** One attempt to deliver a notification. */
export interface DeliveryAttempt {
  /** Aborts when the attempt has taken too long, or the alerts are closed. */
  readonly signal: AbortSignal;
  /** Number of the attempt, from 1. */
  readonly attempt: number;
  /** Time of day, in milliseconds since 1970. */
  readonly time: number;
}

/**
 * Receiver of notifications, such as a chat or a pager. It gets one notification at a time, and again after a failure: the same
 * notification can arrive more than once.
 */
export interface Notifier {
  /** Name in stats and events: 1 to 200 characters, unique. */
  readonly name: string;
  /** Milliseconds that one attempt may take: 1 to 2 147 483 647. Default 10 000. */
  readonly timeout?: number | undefined;
  /** Returns whether the notifier gets a notification. Default: it gets all. */
  readonly accepts?: ((notification: AlertNotification) => boolean) | undefined;
  /**
   * Delivers a notification. It rejects if that failed. An error with a `status` from 400 to 499 other than 408 and 429 is final.
   * Otherwise it is called again, after the time that a header `Retry-After` in the `headers` of the error asks for.
   */
  deliver(notification: AlertNotification, attempt: DeliveryAttempt): unknown;
}

/** Options that every notifier of this package has. */
export interface NotifierOptions {
  /** Name in stats and events: 1 to 200 characters, unique. Default: the kind of the notifier. */
  readonly name?: string | undefined;
  /** Least severity of a notification. Default `'info'`. */
  readonly severity?: AlertSeverity | undefined;
  /** Returns whether the notifier gets a notification, for routes by breaker or rule. Default: it gets all. */
  readonly accepts?: ((notification: AlertNotification) => boolean) | undefined;
  /** Milliseconds that one attempt may take: 1 to 2 147 483 647. Default 10 000. */
  readonly timeout?: number | undefined;
}

/** Validated {@link NotifierOptions}. */
export interface NotifierBase {
  readonly timeout: number | undefined;
  readonly accepts: (notification: AlertNotification) => boolean;
}

/** Reads the options that every notifier has. */
export function readNotifierBase(reader: OptionsReader): NotifierBase {
  const timeout = reader.milliseconds('timeout');
  const least = SEVERITIES.indexOf(reader.oneOf('severity', SEVERITIES) ?? 'info');
  const accepts = reader.callable('accepts') as NotifierOptions['accepts'];
  return {
    timeout,
    accepts: (notification) =>
      SEVERITIES.indexOf(notification.severity) >= least && (accepts === undefined || accepts(notification)),
  };
}

/** Error of an attempt. Its message names neither the address nor anything of the request. */
export class DeliveryError extends Error {
  readonly status: number | undefined;
  /** Whether another attempt would fail, too. */
  declare readonly isPermanent: boolean;
  /** Headers of the response, for `Retry-After`. */
  declare readonly headers: Headers | undefined;

  constructor(message: string, options: { status?: number; headers?: Headers; isPermanent?: boolean } = {}) {
    super(message);
    this.name = 'DeliveryError';
    this.status = options.status;
    // Not enumerable: a log prints neither.
    Object.defineProperty(this, 'isPermanent', { value: options.isPermanent ?? false });
    Object.defineProperty(this, 'headers', { value: options.headers });
  }
}

/**
 * Reads a notifier, which may be an object of any class.
 *
 * @throws {OptionsError} with every problem.
 */
export function readNotifier(notifier: unknown): Notifier {
  const given = (typeof notifier === 'object' && notifier !== null ? notifier : {}) as Partial<Notifier>;
  const { name, timeout, accepts, deliver } = given;
  const reader = readOptions('Notifier', 'unnamed', { name, timeout, accepts, deliver });
  reader.milliseconds('timeout');
  reader.callable('accepts');
  reader.callable('deliver');
  reader.finish('name', 'deliver');
  return notifier as Notifier;
}
