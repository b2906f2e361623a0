/// <reference lib="esnext.disposable" preserve="true" />
import { BreakerWatch, isBreakerSource, readOptions } from 'fusewire/kit';
import type { BreakerSource } from 'fusewire/kit';
import type { NewEvent } from '../events/event.ts';
import type { Alert } from './alert.ts';
import { EVENT_NAMES } from './alert-events.ts';
import type { AlertEvents, AlertsStats } from './alert-events.ts';
import { acknowledgementEntry, changeEntry, silenceEntry, undeliveredEntry } from './audit.ts';
import { Channel } from './channel.ts';
import { AlertEngine } from './engine.ts';
import { describeError, Faults } from './faults.ts';
import type { GroupNotification } from './groups.ts';
import { Listeners } from './listeners.ts';
import { readText } from './muting.ts';
import type { Silence, SilenceOptions } from './muting.ts';
import { readNotifier } from './notifier.ts';
import type { Notifier } from './notifier.ts';
import { readAlertsOptions } from './options.ts';
import type { AlertsOptions, AlertsSettings } from './options.ts';
import { readRule } from './rule.ts';
import type { AlertRule } from './rule.ts';
import { failureRate, opened, responseTime, stateChanges } from './rules.ts';
import { Waker } from './steady-time.ts';
import type { WatchedBreaker } from './watched-breaker.ts';

/** Options of {@link Alerts.watch}. */
export interface WatchAlertsOptions {
  /** Name of the registry in alerts: 1 to 200 characters. Default `'default'`; further ones are `'default-2'`, and so on. */
  readonly source?: string | undefined;
}

/** Options of {@link Alerts.close}. */
export interface CloseAlertsOptions {
  /** Milliseconds for which waiting notifications may still be delivered: 0 to 2 147 483 647. Default 5 000. */
  readonly timeout?: number | undefined;
}

/** `Symbol.asyncDispose`, or the symbol that its polyfills use where the runtime has none. */
const ASYNC_DISPOSE: typeof Symbol.asyncDispose = Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose');

/** Breakers that are evaluated in one turn of the event loop, so that calls wait for less than a millisecond. */
const SLICE = 100;
/** Milliseconds between two looks at the states of all breakers. */
const POLL_INTERVAL = 1_000;

/**
 * Alerts about breakers: evaluates rules, and sends notifications. Everything runs beside the calls. A rule or a notifier that
 * fails or hangs affects no call and no other notifier.
 *
 * ```ts
 * const watcher = alerts({ name: 'orders', notifiers: [slack({ url: process.env.SLACK_URL })] });
 * watcher.watch(registry);
 * ```
 */
export class Alerts {
  readonly #settings: AlertsSettings;
  readonly #engine: AlertEngine;
  readonly #channels = new Map<string, Channel>();
  readonly #listeners: Listeners<AlertEvents>;
  readonly #faults: Faults;
  readonly #waker: Waker;
  /** Watched registries and breakers, with the functions that end it. */
  readonly #targets = new Map<object, { readonly source: string; readonly stop: () => void }>();
  readonly #history: Alert[] = [];
  #evaluations = 0;
  #nextRound: number;
  #isClosed = false;

  /** @internal */
  constructor(options: AlertsOptions | undefined) {
    const settings = readAlertsOptions(options);
    this.#settings = settings;
    this.#faults = new Faults(settings.name, settings.logger);
    const fault = (message: string, error: unknown) => this.#fault(message, error);
    this.#listeners = new Listeners(EVENT_NAMES, fault);
    this.#engine = new AlertEngine(settings, {
      changed: (change, alert) => this.#onChange(change, alert),
      notify: (notification) => this.#notify(notification),
      fault,
    });
    this.#waker = new Waker(settings.delivery.time);
    this.#nextRound = settings.delivery.time();
    const rules = settings.rules ?? [opened(), failureRate(), responseTime(), stateChanges()];
    for (const rule of rules) this.addRule(rule as AlertRule);
    for (const notifier of settings.notifiers) this.addNotifier(notifier as Notifier);
    if (settings.interval !== false) void this.#run(settings.interval);
  }

  /**
   * Watches the breakers of a registry, those that it creates later included; one breaker; or that of a pipeline.
   *
   * @returns a function that ends it. Alerts that fire then resolve.
   * @throws {TypeError} if there is nothing to watch; {Error} if it is watched already, or the alerts are closed.
   */
  watch(target: BreakerSource, options?: WatchAlertsOptions): () => void {
    if (this.#isClosed) throw new Error(`Alerts ${this.#settings.name}: they are closed`);
    if (!isBreakerSource(target))
      throw new TypeError('Alerts: watch() takes a registry, a circuit breaker or a pipeline');
    if (this.#targets.has(target)) throw new Error(`Alerts ${this.#settings.name}: this is watched already`);
    const source = this.#sourceOf(options);
    const watch = new BreakerWatch((breaker) => {
      const watched = this.#engine.addBreaker(breaker, source);
      // It may run in the middle of a call, and only wakes the evaluations.
      this.#waker.wake();
      return () => {
        this.#engine.removeBreaker(watched);
        this.#waker.wake();
      };
    });
    const stop = () => {
      if (this.#targets.delete(target)) watch.close();
    };
    this.#targets.set(target, { source, stop });
    watch.add(target);
    return stop;
  }

  /**
   * Adds a rule.
   *
   * @returns a function that removes it. Its alerts that fire then resolve.
   * @throws {OptionsError} with every problem of the rule; {Error} if there is a rule of that name.
   */
  addRule(rule: AlertRule): () => void {
    const checked = readRule(rule);
    this.#engine.addRule(checked);
    return () => {
      this.#engine.removeRule(checked);
      this.#waker.wake();
    };
  }

  /**
   * Adds a notifier, which gets the notifications from now on.
   *
   * @returns a function that removes it. Notifications that wait for it are dropped.
   * @throws {OptionsError} with every problem of the notifier; {Error} if there is one of that name.
   */
  addNotifier(notifier: Notifier): () => void {
    const { name } = readNotifier(notifier);
    if (this.#channels.has(name)) throw new Error(`Alerts ${this.#settings.name}: there is a notifier ${name} already`);
    const channel = new Channel(notifier, this.#settings.delivery, {
      delivered: (notification) => this.#listeners.emit('delivered', { notifier: name, notification }),
      undelivered: (notification, reason, error) => {
        const event = { notifier: name, notification, reason, error };
        this.#listeners.emit('undelivered', event);
        this.#record(undeliveredEntry(event));
      },
      fault: (message, error) => this.#fault(message, error),
      describe: describeError,
    });
    this.#channels.set(name, channel);
    return () => {
      if (this.#channels.get(name) === channel) this.#channels.delete(name);
      channel.close();
    };
  }

  /** Returns the alerts that are pending or firing, the oldest first. */
  active(): Alert[] {
    return this.#engine.active();
  }

  /** Returns alerts that have fired and ended, the newest first. */
  history(options?: { readonly limit?: number | undefined }): Alert[] {
    return this.#history.slice(0, options?.limit);
  }

  /**
   * Acknowledges a firing alert, and notifies that somebody works on it.
   *
   * @param id id of the alert.
   * @param by person who works on it.
   * @param why reason, or what is being done.
   * @returns whether an alert of that id fires.
   * @throws {OptionsError} if `by` or `why` is no text of 1 to 1 000 characters.
   */
  acknowledge(id: string, by: string, why: string): boolean {
    checkReason('acknowledge', by, why);
    const alert = this.#engine.acknowledge(id, by, why);
    if (alert === undefined) return false;
    this.#listeners.emit('acknowledged', alert);
    this.#record(acknowledgementEntry(alert, by, why));
    return true;
  }

  /**
   * Mutes alerts for some time. They are still evaluated, and listeners get them.
   *
   * @throws {OptionsError} with every problem of the options.
   */
  silence(options: SilenceOptions): Silence {
    const silence = this.#settings.mutings.silence(options, this.#settings.delivery.timeOfDay());
    this.#record(silenceEntry('silenced', silence, silence.by, silence.why));
    return silence;
  }

  /**
   * Ends a silence before its time. Returns whether there was one of that id.
   *
   * @throws {OptionsError} if `by` or `why` is no text of 1 to 1 000 characters.
   */
  endSilence(id: string, by: string, why: string): boolean {
    checkReason('endSilence', by, why);
    const silence = this.#settings.mutings.end(id);
    if (silence === undefined) return false;
    this.#waker.wake();
    this.#record(silenceEntry('silence-ended', silence, by, why));
    return true;
  }

  /** Returns the silences that have not expired, the oldest first. */
  silences(): Silence[] {
    return this.#settings.mutings.silences(this.#settings.delivery.timeOfDay());
  }

  /**
   * Calls `listener` for every event of that name. If it throws or rejects, the error is counted and reported.
   *
   * @returns a function that removes the listener.
   * @throws {TypeError} if there is no such event, or `listener` is not a function.
   */
  on<Name extends keyof AlertEvents>(event: Name, listener: (event: AlertEvents[Name]) => unknown): () => void {
    return this.#listeners.add(event, listener);
  }

  /** Evaluates every breaker now, for programs without timers of their own, such as those on edge runtimes. */
  evaluate(): void {
    if (this.#isClosed) return;
    this.#evaluations++;
    for (const watched of [...this.#engine.breakers]) this.#engine.evaluate(watched);
    this.#engine.announce();
  }

  /** Resolves once no notification waits for any notifier. */
  async settled(): Promise<void> {
    const isWaiting = () => [...this.#channels.values()].some((channel) => channel.getStats().waiting > 0);
    do await Promise.all([...this.#channels.values()].map((channel) => channel.settled()));
    while (isWaiting());
  }

  getStats(): AlertsStats {
    const active = this.active();
    const firing = active.filter(({ state }) => state === 'firing');
    return {
      name: this.#settings.name,
      breakers: this.#engine.breakers.size,
      rules: this.#engine.ruleNames,
      evaluations: this.#evaluations,
      pending: active.length - firing.length,
      firing: firing.length,
      muted: firing.filter(({ muted }) => muted !== null).length,
      faults: this.#faults.count,
      notifiers: [...this.#channels.values()].map((channel) => channel.getStats()),
    };
  }

  /**
   * Ends everything: takes all listeners off the breakers, waits for notifications that are being delivered, and then drops the
   * rest. Alerts that fire stay as they are, and are not announced as resolved.
   *
   * @throws {OptionsError} if `timeout` is not a number from 0 to 2 147 483 647.
   */
  async close(options?: CloseAlertsOptions): Promise<void> {
    const reader = readOptions('Alerts', 'close', options === undefined ? {} : options);
    const timeout = reader.milliseconds('timeout', 0) ?? 5_000;
    reader.finish();
    this.#isClosed = true;
    this.#engine.close();
    for (const { stop } of [...this.#targets.values()]) stop();
    this.#waker.wake();
    let remove: (() => void) | undefined;
    // It keeps the process alive, because the caller waits for it.
    const late = new Promise<void>(
      (resolve) => (remove = this.#settings.delivery.time.setTimer(resolve, timeout, true)),
    );
    await Promise.race([this.settled(), late]);
    remove?.();
    for (const channel of this.#channels.values()) channel.close();
  }

  /** Closes the alerts at the end of an `await using` block; see {@link close}. */
  async [ASYNC_DISPOSE](): Promise<void> {
    await this.close();
  }

  /**
   * Evaluates all breakers at each interval, and in between those whose state has changed. It runs in the async context of the
   * code that created the alerts.
   */
  async #run(interval: number): Promise<void> {
    const { time } = this.#settings.delivery;
    while (!this.#isClosed) {
      await this.#waker.wait(this.#timeToNext(interval));
      // What woke it may be a call, which must not wait for an evaluation.
      await this.#pause();
      try {
        if (time() < this.#nextRound) await this.#evaluateSlices(this.#engine.changed());
        else {
          this.#nextRound = time() + interval;
          this.#evaluations++;
          await this.#evaluateSlices([...this.#engine.breakers]);
        }
        if (!this.#isClosed) this.#engine.announce();
      } catch (error) {
        this.#fault('an evaluation failed', error);
        await this.#pause(POLL_INTERVAL);
      }
    }
  }

  /** Returns the milliseconds until there is something to do; infinite if nothing is watched. */
  #timeToNext(interval: number): number {
    const now = this.#settings.delivery.time();
    const isWatching = this.#engine.breakers.size > 0;
    const next = isWatching ? Math.min(this.#nextRound, now + Math.min(POLL_INTERVAL, interval)) : Infinity;
    return Math.max(0, Math.min(next, this.#engine.nextDue) - now);
  }

  async #evaluateSlices(breakers: readonly WatchedBreaker[]): Promise<void> {
    for (let first = 0; first < breakers.length; first += SLICE) {
      if (first > 0) await this.#pause();
      for (const watched of breakers.slice(first, first + SLICE)) this.#engine.evaluate(watched);
    }
  }

  #pause(duration = 0): Promise<void> {
    return new Promise((resolve) => void this.#settings.delivery.time.setTimer(resolve, duration));
  }

  #onChange(change: 'firing' | 'resolved', alert: Alert): void {
    if (change === 'resolved') {
      this.#history.unshift(alert);
      if (this.#history.length > this.#settings.historySize) this.#history.pop();
    }
    this.#listeners.emit(change, alert);
    this.#record(changeEntry(change, alert));
  }

  #notify(group: GroupNotification): void {
    const { name, delivery } = this.#settings;
    const notification = Object.freeze({ ...group, name, at: new Date(delivery.timeOfDay()) });
    this.#listeners.emit('notification', notification);
    for (const channel of [...this.#channels.values()]) channel.add(notification);
  }

  #record(event: NewEvent): void {
    try {
      this.#settings.log?.record({ ...event, time: this.#settings.delivery.timeOfDay() });
    } catch (error) {
      this.#fault('the event log failed', error);
    }
  }

  #fault(message: string, error: unknown): void {
    this.#faults.report(message, error);
    // A listener of faults that fails would cause another fault.
    if (message !== FAULT_LISTENER) this.#listeners.emit('fault', { message, error });
  }

  /** Returns the name of a target: the one that was given, with a number if another target has it. */
  #sourceOf(options: WatchAlertsOptions | undefined): string {
    const reader = readOptions('Alerts', 'watch', options === undefined ? {} : options);
    const given = reader.value('source') ?? 'default';
    const isValid = typeof given === 'string' && given.length > 0 && given.length <= 200;
    if (!isValid)
      reader.report('source', typeof given === 'string' ? 'range' : 'type', 'a string of 1 to 200 characters');
    reader.finish();
    const taken = new Set([...this.#targets.values()].map(({ source }) => source));
    for (let number = 1; ; number++) {
      const source = number === 1 ? String(given) : `${String(given)}-${number}`;
      if (!taken.has(source)) return source;
    }
  }
}

const FAULT_LISTENER = "a listener of 'fault' failed";

/** Throws an options error if somebody or a reason is missing. */
function checkReason(call: string, by: unknown, why: unknown): void {
  const reader = readOptions('Alerts', call, { by, why });
  readText(reader, 'by');
  readText(reader, 'why');
  reader.finish('by', 'why');
}

/**
 * Creates alerts with their rules and notifiers.
 *
 * @throws {OptionsError} with every problem of the options.
 */
export function alerts(options?: AlertsOptions): Alerts {
  return new Alerts(options);
}
