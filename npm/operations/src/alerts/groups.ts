import { SEVERITIES } from '../events/event.ts';
import type { Alert, AlertNotification, AlertSeverity } from './alert.ts';
import type { Announcement } from './alert-state.ts';
import type { AlertRecord } from './record.ts';
import { boundedKey, hashOf } from './text.ts';

/** Field by which alerts are grouped. */
export type GroupField = 'rule' | 'source' | 'breaker' | 'severity';

/** Limit of PagerDuty, which is the shortest one for keys. */
const LONGEST_KEY = 255;

/** Alerts that one notification announces together. */
class Group {
  readonly members = new Set<AlertRecord>();
  /** Time at which waiting announcements are made; undefined if none wait. */
  dueAt: number | undefined;
}

/** Notification before it has a name. */
export type GroupNotification = Omit<AlertNotification, 'name' | 'at'>;

/** Groups of alerts, and the announcements that wait in them. */
export class Groups {
  readonly #keyOf: (record: AlertRecord) => string;
  readonly #wait: number;
  readonly #groups = new Map<string, Group>();
  #sequence = 0;
  #random: string | undefined;

  /** @param wait milliseconds for which an announcement waits for further ones of its group. */
  constructor(keyOf: (record: AlertRecord) => string, wait: number) {
    this.#keyOf = keyOf;
    this.#wait = wait;
  }

  /** Returns the key of the group of an alert. */
  keyOf(record: AlertRecord): string {
    return (record.groupKey ??= boundedKey(this.#keyOf(record), LONGEST_KEY));
  }

  /** Adds an alert that may have something to announce. */
  add(record: AlertRecord): void {
    const key = this.keyOf(record);
    let group = this.#groups.get(key);
    if (group === undefined) this.#groups.set(key, (group = new Group()));
    group.members.add(record);
  }

  /** Returns the time at which the first announcement that waits is due; infinite if none waits. */
  get nextDue(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { dueAt } of this.#groups.values()) if (dueAt !== undefined && dueAt < next) next = dueAt;
    return next;
  }

  /**
   * Makes the announcements that are due, and returns one notification for each group that has any.
   *
   * @param announcementOf returns the announcement that an alert asks for.
   * @param toAlert returns an alert as users see it.
   */
  announce(
    now: number,
    announcementOf: (record: AlertRecord) => Announcement | undefined,
    toAlert: (record: AlertRecord) => Alert,
  ): GroupNotification[] {
    const notifications: GroupNotification[] = [];
    for (const [key, group] of this.#groups) {
      const waiting = [...group.members].map((record) => ({ record, announcement: announcementOf(record) }));
      const changed = waiting.filter(({ announcement }) => announcement !== undefined);
      if (changed.length === 0) group.dueAt = undefined;
      else if (now >= (group.dueAt ??= now + this.#wait)) {
        group.dueAt = undefined;
        const resolved = changed.filter(({ announcement }) => announcement === 'resolved').map(({ record }) => record);
        for (const { record, announcement } of changed) record.announce(announcement as Announcement, now);
        const firing = [...group.members].filter(({ state }) => state.announced);
        notifications.push(this.#notification(key, firing.map(toAlert), resolved.map(toAlert)));
      }
      for (const record of group.members) {
        if (!record.state.announced && record.state.phase === 'inactive') group.members.delete(record);
      }
      if (group.members.size === 0) this.#groups.delete(key);
    }
    return notifications;
  }

  /** Returns the notification that an alert was acknowledged. */
  acknowledged(record: AlertRecord, alert: Alert): GroupNotification {
    const { by = '', why = '' } = alert.acknowledged ?? {};
    const key = this.keyOf(record);
    return {
      id: this.#nextId(),
      key,
      status: 'acknowledged',
      severity: alert.severity,
      summary: `${by} works on it: ${why}. ${alert.summary}`,
      firing: Object.freeze([alert]),
      resolved: Object.freeze([]),
    };
  }

  #notification(key: string, firing: readonly Alert[], resolved: readonly Alert[]): GroupNotification {
    const status = firing.length > 0 ? 'firing' : 'resolved';
    const subjects = status === 'firing' ? firing : resolved;
    const lists = { firing: Object.freeze(firing), resolved: Object.freeze(resolved) };
    const severity = highest(subjects.map((alert) => alert.severity));
    return { id: this.#nextId(), key, status, severity, summary: summaryOf(subjects), ...lists };
  }

  /** Returns an id that no other notification has, of this process or another. */
  #nextId(): string {
    // Not at construction: Workers forbid random numbers outside of requests.
    this.#random ??= hashOf(`${Math.random()} ${Math.random()}`).slice(0, 20);
    return this.#random + (++this.#sequence).toString(16).padStart(12, '0');
  }
}

function highest(severities: readonly AlertSeverity[]): AlertSeverity {
  const rank = (severity: AlertSeverity) => SEVERITIES.indexOf(severity);
  return severities.reduce((one, other) => (rank(other) > rank(one) ? other : one), 'info');
}

function summaryOf(alerts: readonly Alert[]): string {
  const [first, ...others] = alerts;
  if (first === undefined) return '';
  return others.length === 0 ? first.summary : `${first.summary}; and ${others.length} more`;
}
