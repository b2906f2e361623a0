import type { EventSeverity } from '../events/event.ts';

/** Severity of an alert, from the least to the most severe: `'info'`, `'warning'`, `'error'`, `'critical'`. */
export type AlertSeverity = EventSeverity;

/** Reason why an alert ended. */
export type AlertResolution =
  /** The condition of its rule no longer holds. */
  | 'recovered'
  /** The breaker was evicted from its registry, deleted or disposed of, or is no longer watched. */
  | 'breaker-gone'
  /** The rule was removed. */
  | 'rule-removed';

/** Acknowledgement by a person who works on an alert. */
export interface Acknowledgement {
  readonly by: string;
  readonly why: string;
  readonly at: Date;
}

/** Reason why a firing alert is not announced. */
export interface Muting {
  readonly kind: 'silence' | 'maintenance';
  /** Id of the silence; null for a maintenance window. */
  readonly silence: string | null;
  readonly by: string | null;
  readonly why: string;
  readonly until: Date | null;
}

/** One rule that holds, or held, for one breaker. It is a copy as of one instant. */
export interface Alert {
  /** Unique id of this occurrence. */
  readonly id: string;
  /** Key of the rule and the breaker, the same for each occurrence. */
  readonly key: string;
  readonly rule: string;
  readonly severity: AlertSeverity;
  /** Name of the registry, as `watch` got it. */
  readonly source: string;
  readonly breaker: string;
  /** `'pending'`: the condition holds, but not for long enough. */
  readonly state: 'pending' | 'firing' | 'resolved';
  /** The alert as a sentence, without secrets. */
  readonly summary: string;
  /** Count, rate or milliseconds that the rule is about, or null. */
  readonly observed: number | null;
  /** Limit that `observed` has exceeded, or null. */
  readonly threshold: number | null;
  /** Time since which the condition holds. */
  readonly startedAt: Date;
  /** Time at which it began to fire; null while it is pending. */
  readonly firedAt: Date | null;
  readonly resolvedAt: Date | null;
  readonly resolution: AlertResolution | null;
  readonly acknowledged: Acknowledgement | null;
  /** Silence or maintenance window that mutes the alert now, or null. */
  readonly muted: Muting | null;
}

/** Message about a group of alerts, as notifiers get it. */
export interface AlertNotification {
  /** Idempotency key: the same for every attempt to deliver this notification, 32 hexadecimal digits. */
  readonly id: string;
  /** Key of the group, the same from its first to its last notification. At most 255 characters. */
  readonly key: string;
  /** Name of the alerts, the option `name` of `alerts`. */
  readonly name: string;
  /** `'firing'` while an alert of the group fires, also if others have ended. */
  readonly status: 'firing' | 'acknowledged' | 'resolved';
  /** Highest severity of its alerts. */
  readonly severity: AlertSeverity;
  /** The notification as a sentence. */
  readonly summary: string;
  /** Alerts that fire; of a notification that is `'acknowledged'`, those that were acknowledged. */
  readonly firing: readonly Alert[];
  /** Alerts that have ended since the last notification. */
  readonly resolved: readonly Alert[];
  readonly at: Date;
}
