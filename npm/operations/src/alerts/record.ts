import type { Acknowledgement, Alert, AlertResolution, Muting } from './alert.ts';
import { afterAnnouncement, announcementOf, evaluated, inactiveAlert, isForgettable } from './alert-state.ts';
import type { AlertState, Announcement } from './alert-state.ts';
import { cleanText } from './faults.ts';
import type { CheckedRule, Finding } from './rule.ts';

/** Change of an alert that listeners receive. */
export type AlertChange = 'pending' | 'firing' | 'resolved' | 'cancelled';

/** Alert of one rule for one breaker, from its first occurrence until its last cool-down has passed. */
export class AlertRecord {
  readonly key: string;
  readonly rule: CheckedRule;
  readonly source: string;
  readonly breaker: string;
  readonly severity: Alert['severity'];
  readonly coolDown: number;
  state: AlertState;
  /** Key of its group; set when it is first announced. */
  groupKey: string | undefined;
  /** Whether a watched breaker and a rule have this alert. */
  isAttached = true;
  /** Whether a new occurrence needs a new record. */
  isForgotten = false;
  acknowledged: Acknowledgement | null = null;
  #finding: Finding = {};
  /** Summary as the rule gave it. */
  #original: string | undefined;
  #startedAt = 0;
  #firedAt: number | null = null;
  #resolvedAt: number | null = null;
  #resolution: AlertResolution | null = null;
  /** Whether the last occurrence fired, so that it belongs to the history. */
  #hasFired = false;

  constructor(key: string, rule: CheckedRule, source: string, breaker: string, coolDown: number, now: number) {
    this.key = key;
    this.rule = rule;
    this.source = source;
    this.breaker = breaker;
    this.severity = rule.severity;
    this.coolDown = rule.coolDown ?? coolDown;
    this.state = inactiveAlert(now);
  }

  /** Unique id of the present occurrence, or of the last one. */
  get id(): string {
    return `${this.key}@${new Date(this.#startedAt).toISOString()}`;
  }

  /**
   * Applies an evaluation. Returns the change of the alert, if it changed.
   *
   * @param finding the condition that holds; false if none does; undefined if that is unknown.
   * @param time time of day, in milliseconds since 1970.
   */
  evaluate(finding: Finding | false | undefined, now: number, time: number): AlertChange | undefined {
    const before = this.state.phase;
    this.state = evaluated(this.state, finding === undefined ? undefined : finding !== false, now, this.rule.holdFor);
    const after = this.state.phase;
    if (before === 'inactive' && after !== before) this.#begin(time);
    if (finding !== undefined && finding !== false) this.#update(finding);
    if (after === before) return undefined;
    if (after === 'firing') {
      this.#firedAt = time;
      this.#hasFired = true;
      return 'firing';
    }
    if (after === 'pending') return 'pending';
    return this.#end('recovered', time);
  }

  /** Ends the alert, because its breaker or its rule is gone. Returns the change of the alert, if it changed. */
  detach(resolution: AlertResolution, now: number, time: number): AlertChange | undefined {
    this.isAttached = false;
    if (this.state.phase === 'inactive') return undefined;
    this.state = evaluated(this.state, false, now, this.rule.holdFor);
    return this.#end(resolution, time);
  }

  /** Returns the announcement that the alert asks for. */
  announcement(now: number, isMuted: () => boolean): Announcement | undefined {
    const announcement = announcementOf(this.state, now, false, this.coolDown);
    // The question is asked only where it matters: it goes through all silences.
    return announcement === 'firing' && isMuted() ? undefined : announcement;
  }

  announce(announcement: Announcement, now: number): void {
    this.state = afterAnnouncement(this.state, announcement, now);
  }

  isForgettable(now: number): boolean {
    return isForgettable(this.state, now, this.coolDown);
  }

  /** Returns the alert as users see it. */
  toAlert(muted: Muting | null): Alert {
    const { phase } = this.state;
    return Object.freeze({
      id: this.id,
      key: this.key,
      rule: this.rule.name,
      severity: this.severity,
      source: this.source,
      breaker: this.breaker,
      state: phase === 'inactive' ? 'resolved' : phase,
      summary: this.#finding.summary ?? `${this.rule.name}: ${this.breaker}`,
      observed: this.#finding.observed ?? null,
      threshold: this.#finding.threshold ?? null,
      startedAt: new Date(this.#startedAt),
      firedAt: dateOf(this.#firedAt),
      resolvedAt: dateOf(this.#resolvedAt),
      resolution: this.#resolution,
      acknowledged: this.acknowledged,
      muted,
    });
  }

  #update({ summary, observed, threshold }: Finding): void {
    const isNew = summary !== undefined && summary !== this.#original;
    // Secrets are searched for once, and not at each evaluation.
    if (isNew) this.#original = summary;
    this.#finding = {
      summary: isNew ? cleanText(summary) : this.#finding.summary,
      observed: observed ?? this.#finding.observed,
      threshold: threshold ?? this.#finding.threshold,
    };
  }

  #begin(time: number): void {
    this.#finding = {};
    this.#original = undefined;
    this.#startedAt = time;
    this.#firedAt = null;
    this.#resolvedAt = null;
    this.#resolution = null;
    this.#hasFired = false;
    this.acknowledged = null;
  }

  #end(resolution: AlertResolution, time: number): AlertChange {
    this.#resolvedAt = time;
    this.#resolution = resolution;
    return this.#hasFired ? 'resolved' : 'cancelled';
  }
}

function dateOf(time: number | null): Date | null {
  return time === null ? null : new Date(time);
}
