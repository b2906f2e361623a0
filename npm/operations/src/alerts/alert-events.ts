import type { Alert, AlertNotification } from './alert.ts';
import type { NotifierStats, UndeliveredReason } from './channel.ts';

/** Event of a notification that a notifier has accepted. */
export interface DeliveredEvent {
  /** Name of the notifier. */
  readonly notifier: string;
  readonly notification: AlertNotification;
}

/** Event of a notification that a notifier never got. */
export interface UndeliveredEvent extends DeliveredEvent {
  readonly reason: UndeliveredReason;
  /** Message of the last failure, without secrets; null if no attempt was made. */
  readonly error: string | null;
}

/** Event of a fault in the user's code: of a rule, a listener, or a function in options. */
export interface FaultEvent {
  readonly message: string;
  readonly error: unknown;
}

/** Events of alerts, each with its payload. */
export interface AlertEvents {
  /** An alert began to fire, muted or not. */
  readonly firing: Alert;
  /** An alert that fired has ended. */
  readonly resolved: Alert;
  /** Somebody acknowledged an alert. */
  readonly acknowledged: Alert;
  /** A notification was made; notifiers get it next. */
  readonly notification: AlertNotification;
  readonly delivered: DeliveredEvent;
  readonly undelivered: UndeliveredEvent;
  readonly fault: FaultEvent;
}

/** Names of all events. */
export const EVENT_NAMES = Object.keys({
  firing: true,
  resolved: true,
  acknowledged: true,
  notification: true,
  delivered: true,
  undelivered: true,
  fault: true,
} satisfies Record<keyof AlertEvents, true>) as readonly (keyof AlertEvents)[];

/** Counters of alerts. */
export interface AlertsStats {
  readonly name: string;
  /** Number of watched breakers. */
  readonly breakers: number;
  /** Names of the rules. */
  readonly rules: readonly string[];
  /** Evaluations of all breakers. */
  readonly evaluations: number;
  /** Alerts whose condition holds, but not for long enough. */
  readonly pending: number;
  readonly firing: number;
  /** Firing alerts that a silence or a maintenance window mutes now. */
  readonly muted: number;
  /** Errors of rules, of listeners, and of functions in options. */
  readonly faults: number;
  readonly notifiers: readonly NotifierStats[];
}
