import type { CircuitBreaker } from 'fusewire';
import type { Alert, AlertResolution } from './alert.ts';
import { Groups } from './groups.ts';
import type { GroupNotification } from './groups.ts';
import type { AlertsSettings } from './options.ts';
import { AlertRecord } from './record.ts';
import type { AlertChange } from './record.ts';
import type { BreakerReading, SharedReading } from './reading.ts';
import type { CheckedRule, Finding } from './rule.ts';
import { keyOf } from './text.ts';
import { WatchedBreaker } from './watched-breaker.ts';

/** Receives what an evaluation has found. */
export interface EngineHooks {
  /** An alert began to fire, or ended after it had fired. */
  changed(change: 'firing' | 'resolved', alert: Alert): void;
  notify(notification: GroupNotification): void;
  fault(message: string, error: unknown): void;
}

/** Rules, watched breakers and the alerts about them. It evaluates when it is asked to, and has no timer. */
export class AlertEngine {
  readonly breakers = new Set<WatchedBreaker>();
  readonly #settings: AlertsSettings;
  readonly #hooks: EngineHooks;
  readonly #rules = new Map<string, CheckedRule>();
  /** Alerts that are active, not announced yet, or in their cool-down, by their keys. */
  readonly #records = new Map<string, AlertRecord>();
  readonly #groups: Groups;

  constructor(settings: AlertsSettings, hooks: EngineHooks) {
    this.#settings = settings;
    this.#hooks = hooks;
    this.#groups = new Groups((record) => this.#groupKeyOf(record), settings.groupWait);
  }

  /** Time at which an announcement that waits for others of its group is due; infinite if none waits. */
  get nextDue(): number {
    return this.#groups.nextDue;
  }

  /** Names of the rules. */
  get ruleNames(): string[] {
    return [...this.#rules.keys()];
  }

  /** @throws {Error} if there is a rule of that name. */
  addRule(rule: CheckedRule): void {
    if (this.#rules.has(rule.name))
      throw new Error(`Alerts ${this.#settings.name}: there is a rule ${rule.name} already`);
    this.#rules.set(rule.name, rule);
    for (const watched of this.breakers) this.#applyRule(watched, rule);
  }

  /** Removes a rule, and ends its alerts. */
  removeRule(rule: CheckedRule): void {
    if (this.#rules.get(rule.name) !== rule) return;
    this.#rules.delete(rule.name);
    for (const watched of this.breakers) this.#detach(watched.removeRule(rule), 'rule-removed');
  }

  /** Evaluates the rules for a breaker from now on. */
  addBreaker(breaker: CircuitBreaker, source: string): WatchedBreaker {
    const watched = new WatchedBreaker(breaker, source);
    for (const rule of this.#rules.values()) this.#applyRule(watched, rule);
    this.breakers.add(watched);
    return watched;
  }

  /** Ends the alerts of a breaker that has gone. */
  removeBreaker(watched: WatchedBreaker): void {
    if (!this.breakers.delete(watched)) return;
    watched.stop();
    for (const record of watched.rules.values()) this.#detach(record, 'breaker-gone');
  }

  /** Takes all listeners off the breakers. Alerts stay as they are. */
  close(): void {
    for (const watched of this.breakers) watched.stop();
    this.breakers.clear();
  }

  /** Returns the breakers whose state has changed since their last evaluation, and new ones. */
  changed(): WatchedBreaker[] {
    return [...this.breakers].filter((watched) => watched.hasChanged());
  }

  /** Evaluates every rule for one breaker. */
  evaluate(watched: WatchedBreaker): void {
    if (!this.breakers.has(watched)) return;
    const reading = this.#read(watched);
    if (reading === undefined) return;
    for (const rule of [...watched.rules.keys()]) this.#evaluateRule(watched, rule, reading);
  }

  /** Makes the announcements that are due, and forgets alerts that have ended. */
  announce(): void {
    const { delivery, mutings } = this.#settings;
    const [now, time] = [delivery.time(), delivery.timeOfDay()];
    const notifications = this.#groups.announce(
      now,
      (record) => record.announcement(now, () => mutings.of(fieldsOf(record), time) !== null),
      (record) => this.#toAlert(record),
    );
    for (const notification of notifications) this.#hooks.notify(notification);
    for (const [key, record] of this.#records) {
      if (!record.isForgettable(now)) continue;
      this.#records.delete(key);
      record.isForgotten = true;
    }
  }

  /** Returns the alerts that are pending or firing, the oldest first. */
  active(): Alert[] {
    const active = [...this.#records.values()].filter(({ state }) => state.phase !== 'inactive');
    return active
      .map((record) => this.#toAlert(record))
      .sort((one, other) => one.startedAt.getTime() - other.startedAt.getTime());
  }

  /** Acknowledges a firing alert. Returns it, or undefined if no alert of that id fires. */
  acknowledge(id: string, by: string, why: string): Alert | undefined {
    const record = [...this.#records.values()].find(({ state, id: own }) => state.phase === 'firing' && own === id);
    if (record === undefined) return undefined;
    record.acknowledged = { by, why, at: new Date(this.#settings.delivery.timeOfDay()) };
    const alert = this.#toAlert(record);
    if (record.state.announced) this.#hooks.notify(this.#groups.acknowledged(record, alert));
    return alert;
  }

  #applyRule(watched: WatchedBreaker, rule: CheckedRule): void {
    try {
      if (rule.isFor(watched.name)) watched.addRule(rule);
    } catch (error) {
      this.#hooks.fault(`the option breakers of the rule ${rule.name} failed`, error);
    }
  }

  /** Reads a breaker, or returns undefined if that is not possible. A breaker that was disposed is watched no longer. */
  #read(watched: WatchedBreaker): SharedReading | undefined {
    try {
      if (watched.isUsable) return watched.read(this.#settings.delivery.time());
      this.removeBreaker(watched);
    } catch (error) {
      this.#hooks.fault('a breaker cannot be read', error);
    }
    return undefined;
  }

  #evaluateRule(watched: WatchedBreaker, rule: CheckedRule, shared: SharedReading): void {
    const finding = this.#ask(rule, shared.for(rule.slowerThan));
    let record = watched.rules.get(rule);
    if (record === undefined || record.isForgotten) {
      if (finding === false || finding === undefined || !watched.rules.has(rule)) return;
      record = this.#recordOf(watched, rule);
      watched.rules.set(rule, record);
    }
    const { time, timeOfDay } = this.#settings.delivery;
    this.#changed(record, record.evaluate(finding, time(), timeOfDay()));
  }

  /** Asks a rule. Returns the condition that holds, false if none does, or undefined if the rule failed. */
  #ask(rule: CheckedRule, reading: BreakerReading): Finding | false | undefined {
    try {
      const answer: unknown = rule.when(reading);
      if (answer === true) return {};
      if (typeof answer !== 'object' || answer === null) return false;
      if (typeof (answer as { then?: unknown }).then !== 'function') return findingOf(answer);
      Promise.resolve(answer).catch(() => undefined);
      throw new TypeError('a rule must be synchronous, and it returned a promise');
    } catch (error) {
      this.#hooks.fault(`the rule ${rule.name} failed`, error);
      return undefined;
    }
  }

  /** Returns the alert of a rule and a breaker: that of a former breaker of the same name, or a new one. */
  #recordOf({ source, name: breaker }: WatchedBreaker, rule: CheckedRule): AlertRecord {
    const { name, coolDown, delivery } = this.#settings;
    const key = keyOf(name, rule.name, source, breaker);
    const known = this.#records.get(key);
    if (known?.rule === rule && !known.isAttached) {
      known.isAttached = true;
      return known;
    }
    const record = new AlertRecord(key, rule, source, breaker, coolDown, delivery.time());
    this.#records.set(key, record);
    return record;
  }

  #detach(record: AlertRecord | undefined, resolution: AlertResolution): void {
    if (record === undefined) return;
    const { time, timeOfDay } = this.#settings.delivery;
    this.#changed(record, record.detach(resolution, time(), timeOfDay()));
  }

  #changed(record: AlertRecord, change: AlertChange | undefined): void {
    if (change === 'firing') this.#groups.add(record);
    if (change === 'firing' || change === 'resolved') this.#hooks.changed(change, this.#toAlert(record));
  }

  #toAlert(record: AlertRecord): Alert {
    const { mutings, delivery } = this.#settings;
    return record.toAlert(mutings.of(fieldsOf(record), delivery.timeOfDay()));
  }

  #groupKeyOf(record: AlertRecord): string {
    const { name, groupBy } = this.#settings;
    const fields = fieldsOf(record);
    if (typeof groupBy !== 'function') return keyOf(name, ...groupBy.map((field) => fields[field]));
    try {
      return keyOf(name, String(groupBy(fields)));
    } catch (error) {
      this.#hooks.fault('the function group.by failed', error);
      return record.key;
    }
  }
}

/** Returns the valid parts of a finding. */
function findingOf({ summary, observed, threshold }: Finding): Finding {
  return {
    // Receivers reject an empty text.
    summary: typeof summary === 'string' && summary.trim() !== '' ? summary : undefined,
    observed: typeof observed === 'number' ? observed : undefined,
    threshold: typeof threshold === 'number' ? threshold : undefined,
  };
}

function fieldsOf({ rule, breaker, source, severity }: AlertRecord) {
  return { rule: rule.name, breaker, source, severity };
}
