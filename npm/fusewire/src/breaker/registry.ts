import { CircuitBreaker, circuitOf } from './circuit-breaker.ts';
import { problemsOf } from './create.ts';
import { timeSinceLastCall } from './last-use.ts';
import type { BreakerEvictedEvent, BreakerHealth, RegistryEvents, RegistryHealth } from './registry-events.ts';
import { wholeMilliseconds } from '../engine/readings.ts';
import { effectiveState } from '../engine/state-word.ts';
import { checkSubscription, EventListeners } from '../run/event-listeners.ts';
import { reportFault } from '../logging.ts';
import { isSameOption } from '../options/plain-data.ts';
import type { OptionsObject } from '../options/plain-data.ts';
import { defaultClock } from '../time/clock.ts';
import type { Clock } from '../time/clock.ts';
import type { CircuitBreakerOptions } from './options.ts';
import { SUBJECT } from './settings.ts';
import { isValidName, OptionsReader, requireObject } from '../options/options-reader.ts';
import type { BreakerStats } from './stats.ts';
import type { RetryBudget } from '../policies/retry/retry-budget.ts';

/** Options of a registry. */
export interface BreakerRegistryOptions {
  /** Default options of the breakers that the registry creates. They are checked at once. */
  readonly defaults?: Omit<CircuitBreakerOptions, 'name'> | undefined;
  /** Returns the options of a new breaker of {@link BreakerRegistry.for} that differ from `defaults`. */
  readonly optionsFor?: ((key: string) => Omit<CircuitBreakerOptions, 'name'> | undefined) | undefined;
  /** Largest number of breakers of {@link BreakerRegistry.for}: 1 to 1 000 000. Default 1 000. */
  readonly max?: number | undefined;
  /**
   * Milliseconds after which an idle breaker is dropped if its circuit is closed: 1 to 31 536 000 000. It is idle without a
   * `for` call, a call or a change of state. Default 600 000.
   */
  readonly idle?: number | undefined;
  /** Budget that the retries around the registry's breakers share, created by `retryBudget`. Default: none. */
  readonly retryBudget?: RetryBudget | undefined;
}

const DEFAULT_MAX = 1_000;
const DEFAULT_IDLE = 600_000;
const LARGEST_MAX = 1_000_000;
const LONGEST_IDLE = 31_536_000_000;

/** A breaker of `for`. */
interface Keyed {
  readonly key: string;
  readonly breaker: CircuitBreaker;
  usedAt: number;
  /** Grows with every use of a breaker of the registry. */
  useNumber: number;
}

/** Breakers of `for` in the order of their last use, the oldest first. */
type KeyedBreakers = Map<string, Keyed>;

/**
 * Collection of breakers by name. Breakers of {@link create} stay until they are deleted. Breakers of {@link for} are bounded
 * in number, and are dropped when nobody asks for them; no timer is needed. A dropped breaker still works for its holders.
 * A disposed breaker leaves the registry.
 */
export class BreakerRegistry {
  /** Value of the `retryBudget` option. */
  readonly retryBudget: RetryBudget | undefined;
  readonly #defaults: CircuitBreakerOptions;
  readonly #optionsFor: BreakerRegistryOptions['optionsFor'];
  /** Options of each breaker, by which others in a later call of `for` are recognized. */
  readonly #options = new WeakMap<CircuitBreaker, OptionsObject>();
  #listeners: EventListeners<RegistryEvents> | undefined;
  #listenerErrors = 0;
  #hasWarned = false;
  readonly #max: number;
  readonly #idle: number;
  readonly #clock: Clock;
  readonly #named = new Map<string, CircuitBreaker>();
  /** Breakers of `for` whose circuit is closed. */
  readonly #closed: KeyedBreakers = new Map();
  /** Breakers of `for` whose circuit is open or half-open. Kept apart, so that an eviction does not search for the others. */
  readonly #failing: KeyedBreakers = new Map();
  #lastUse = 0;

  /** @throws {OptionsError} with every problem of the registry's own options. */
  constructor(options?: BreakerRegistryOptions) {
    const { defaults, optionsFor, max, idle, retryBudget } = readRegistryOptions(options);
    this.retryBudget = retryBudget;
    this.#optionsFor = optionsFor;
    this.#defaults = defaults;
    this.#max = max;
    this.#idle = idle;
    this.#clock = typeof defaults.clock === 'function' ? defaults.clock : defaultClock;
  }

  /** Number of breakers. */
  get size(): number {
    this.#dropIdle();
    return this.#named.size + this.#closed.size + this.#failing.size;
  }

  /**
   * Creates a breaker of that name.
   *
   * @throws {Error} if the registry has a breaker of that name.
   * @throws {OptionsError} with every problem of the options.
   */
  create(name: string, options?: Omit<CircuitBreakerOptions, 'name'>): CircuitBreaker {
    if (this.get(name) !== undefined) throw new Error(`There is a circuit breaker ${name} in this registry already`);
    const breaker = this.#make(name, options);
    this.#named.set(name, breaker);
    circuitOf(breaker).onWordChange = () => {
      if (breaker.disposed && this.#named.delete(name)) this.#emitEvicted(name, breaker, 'disposed');
    };
    this.#emitCreated(name, breaker);
    return breaker;
  }

  /** Returns the breaker of that name or key, if there is one. */
  get(name: string): CircuitBreaker | undefined {
    this.#dropIdle();
    return this.#named.get(name) ?? this.#find(name)?.breaker;
  }

  /**
   * Returns the breaker for a key, such as a host or a tenant, and creates it if there is none. Ask again for each call.
   * Beyond `max` the registry drops the least recently used breaker; breakers with an open or half-open circuit go last.
   *
   * @param options options of a new breaker, over those of `optionsFor` and the defaults. They cannot change a breaker that
   *   exists: if they differ from its own, the registry keeps those and warns once.
   */
  for(key: string, options?: Omit<CircuitBreakerOptions, 'name'>): CircuitBreaker {
    const named = this.#named.get(key);
    if (named !== undefined) {
      this.#compare(key, named, options);
      return named;
    }
    // The breaker of a failing dependency outlasts its idle time if it is asked for now.
    const failing = this.#failing.get(key);
    if (failing !== undefined) this.#use(failing);
    this.#dropIdle();
    const known = this.#find(key);
    if (known !== undefined) {
      this.#compare(key, known.breaker, options);
      this.#use(known);
      return known.breaker;
    }
    const entry = { key, breaker: this.#make(key, options, this.#optionsFor), usedAt: 0, useNumber: 0 };
    if (this.#closed.size + this.#failing.size >= this.#max) this.#evict();
    this.#use(entry);
    circuitOf(entry.breaker).onWordChange = () => this.#onWordChange(entry);
    this.#emitCreated(key, entry.breaker);
    return entry.breaker;
  }

  /** Iterates over the names and the breakers, like {@link getAll}. */
  [Symbol.iterator](): IterableIterator<[name: string, breaker: CircuitBreaker]> {
    return this.getAll().entries();
  }

  /** Returns what a health check may publish: the states of the circuits, without errors and counters. */
  health(): RegistryHealth {
    const all = [...this].filter(([, breaker]) => !breaker.disposed);
    const breakers = all.map(([name, breaker]): [string, BreakerHealth] => {
      const circuit = circuitOf(breaker);
      const { state } = breaker;
      return [name, { state, retryAfter: wholeMilliseconds(circuit.waitFor(circuit.clock())) }];
    });
    const isOk = breakers.every(([, { state }]) => state === 'CLOSED');
    return { status: isOk ? 'ok' : 'degraded', breakers: Object.fromEntries(breakers) };
  }

  /**
   * Calls `listener` whenever a breaker was created or has left. If it throws or rejects, nobody else is affected; the first
   * such error is reported as a warning.
   *
   * @returns a function that removes the listener.
   * @throws {TypeError} if there is no such event, or `listener` is not a function.
   */
  on<Name extends keyof RegistryEvents>(event: Name, listener: (event: RegistryEvents[Name]) => unknown): () => void {
    return this.#listen(event, listener, false);
  }

  /** Calls `listener` like {@link on}, but only for the next event. */
  once<Name extends keyof RegistryEvents>(event: Name, listener: (event: RegistryEvents[Name]) => unknown): () => void {
    return this.#listen(event, listener, true);
  }

  /** Removes the latest subscription of `listener`, if there is one. */
  off<Name extends keyof RegistryEvents>(event: Name, listener: (event: RegistryEvents[Name]) => unknown): void {
    this.#listeners?.remove(event, listener);
  }

  /** Returns a new map of every breaker by its name: those of {@link create}, then those of {@link for}, the oldest use first. */
  getAll(): Map<string, CircuitBreaker> {
    this.#dropIdle();
    const all = new Map(this.#named);
    const keyed = [...this.#closed.values(), ...this.#failing.values()];
    for (const { key, breaker } of keyed.toSorted((one, other) => one.useNumber - other.useNumber))
      all.set(key, breaker);
    return all;
  }

  /** Returns the stats of every breaker by its name. */
  getAllStats(): Record<string, BreakerStats> {
    const all = [...this.getAll()].filter(([, breaker]) => !breaker.disposed);
    return Object.fromEntries(all.map(([name, breaker]) => [name, breaker.getStats()]));
  }

  /** Resets the breaker of that name. Returns whether there is one. */
  reset(name: string): boolean {
    const breaker = this.get(name);
    breaker?.reset();
    return breaker !== undefined;
  }

  /** Resets every breaker. */
  resetAll(): void {
    for (const breaker of this.getAll().values()) if (!breaker.disposed) breaker.reset();
  }

  /** Drops the breaker of that name, which still works for its holders. Returns whether there was one. */
  delete(name: string): boolean {
    const named = this.#named.get(name);
    const keyed = named === undefined ? this.#find(name) : undefined;
    if (named !== undefined) {
      this.#named.delete(name);
      circuitOf(named).onWordChange = undefined;
      this.#emitEvicted(name, named, 'deleted');
    } else if (keyed !== undefined) this.#drop(keyed, 'deleted');
    return (named ?? keyed) !== undefined;
  }

  #make(name: string, options: unknown, optionsFor?: BreakerRegistryOptions['optionsFor']): CircuitBreaker {
    const subject = isValidName(name) ? name : 'unnamed';
    const read = (given: unknown) => (given === undefined ? {} : requireObject(SUBJECT, subject, given));
    const ofKey = optionsFor !== undefined && isValidName(name) ? read(optionsFor(name)) : {};
    const all = { ...this.#defaults, ...ofKey, ...read(options), name };
    const breaker = new CircuitBreaker(all);
    this.#options.set(breaker, all);
    return breaker;
  }

  /** Warns, once, of options for a breaker that has others. Functions of the same option count as the same. */
  #compare(key: string, breaker: CircuitBreaker, options: unknown): void {
    if (options === undefined || this.#hasWarned) return;
    const own = this.#options.get(breaker) ?? {};
    const given = Object.entries(requireObject(SUBJECT, key, options));
    const other = given.filter(([option, value]) => !isSameOption(own[option], value)).map(([option]) => option);
    if (other.length === 0) return;
    this.#hasWarned = true;
    const message = `Circuit breaker ${key}: for() got other options than the breaker has, and ignored them. Give options in optionsFor of the registry`;
    reportFault(this.#defaults.logger, message, other.join(', '));
  }

  #emitCreated(name: string, breaker: CircuitBreaker): void {
    this.#listeners?.emit('created', { name, breaker });
  }

  #emitEvicted(name: string, breaker: CircuitBreaker, reason: BreakerEvictedEvent['reason']): void {
    this.#listeners?.emit('evicted', { name, breaker, reason });
  }

  #listen(event: keyof RegistryEvents, listener: (event: never) => unknown, once: boolean): () => void {
    checkSubscription('Circuit breaker registry', ['created', 'evicted'], event, listener);
    this.#listeners ??= new EventListeners((message, error) => {
      if (this.#listenerErrors++ === 0)
        reportFault(this.#defaults.logger, `Circuit breaker registry: ${message}`, error);
    });
    return this.#listeners.add(event, listener as (event: unknown) => unknown, once);
  }

  #find(key: string): Keyed | undefined {
    return this.#closed.get(key) ?? this.#failing.get(key);
  }

  /** Marks a breaker as the most recently used of those in its state. */
  #use(entry: Keyed, age = 0): void {
    entry.usedAt = this.#clock() - age;
    const breakers = isClosed(entry.breaker) ? this.#closed : this.#failing;
    // The most recently used one is the last of its map already.
    if (entry.useNumber === this.#lastUse && breakers.get(entry.key) === entry) return;
    entry.useNumber = ++this.#lastUse;
    this.#closed.delete(entry.key);
    this.#failing.delete(entry.key);
    breakers.set(entry.key, entry);
  }

  #drop({ key, breaker }: Keyed, reason: BreakerEvictedEvent['reason']): void {
    this.#closed.delete(key);
    this.#failing.delete(key);
    circuitOf(breaker).onWordChange = undefined;
    this.#emitEvicted(key, breaker, reason);
  }

  /** Whether calls were made since the last known use of a breaker. If so, the last of them is its use. */
  #wasCalled(entry: Keyed): boolean {
    const age = timeSinceLastCall(circuitOf(entry.breaker));
    if (!(age < this.#idle) || !(this.#clock() - age > entry.usedAt)) return false;
    this.#use(entry, age);
    return true;
  }

  #onWordChange(entry: Keyed): void {
    try {
      if (entry.breaker.disposed) this.#drop(entry, 'disposed');
      else if (this.#closed.has(entry.key) !== isClosed(entry.breaker)) this.#use(entry);
    } catch {
      // The clock failed, or the stack overflowed. The next use of the breaker corrects its place.
    }
  }

  /** Drops breakers that nobody has used. One with an open or half-open circuit stays: its state is worth keeping. */
  #dropIdle(): void {
    const now = this.#closed.size + this.#failing.size > 0 ? this.#clock() : 0;
    for (const keyed of [this.#closed, this.#failing]) {
      for (const entry of keyed.values()) {
        if (!(now - entry.usedAt >= this.#idle)) break;
        if (entry.breaker.state !== 'CLOSED') this.#use(entry);
        else if (!this.#wasCalled(entry)) this.#drop(entry, 'idle');
      }
    }
  }

  /** Drops the least recently used breaker, one with a closed circuit if there is any. */
  #evict(): void {
    let passedOver = 0;
    for (const entry of this.#closed.values()) {
      // Reading the state applies what other threads did to a shared breaker.
      if (entry.breaker.state !== 'CLOSED') this.#use(entry);
      else if (passedOver++ >= MAX_PASSED_OVER || !this.#wasCalled(entry)) return this.#drop(entry, 'max');
    }
    for (const entry of this.#failing.values()) return this.#drop(entry, 'max');
  }
}

/** Breakers in use that an eviction passes over, so that it does not look at all of them. */
const MAX_PASSED_OVER = 16;

/** Whether callers experience a closed circuit, without transitions that are due: those never close a circuit. */
function isClosed(breaker: CircuitBreaker): boolean {
  return effectiveState(circuitOf(breaker).word) === 'CLOSED';
}

interface RegistrySettings {
  readonly defaults: CircuitBreakerOptions;
  readonly optionsFor: BreakerRegistryOptions['optionsFor'];
  readonly max: number;
  readonly idle: number;
  readonly retryBudget: RetryBudget | undefined;
}

function readRegistryOptions(options: unknown): RegistrySettings {
  const reader = new OptionsReader('registry', options === undefined ? {} : options, SUBJECT, false);
  const defaults = reader.object('defaults') as CircuitBreakerOptions;
  reader.add(problemsOf(defaults).map((problem) => ({ ...problem, option: `defaults.${problem.option}` })));
  const optionsFor = reader.callable('optionsFor') as BreakerRegistryOptions['optionsFor'];
  const max = reader.number('max', 1, LARGEST_MAX, `a whole number from 1 to ${LARGEST_MAX}`, true);
  const idle = reader.number('idle', 1, LONGEST_IDLE, `a number of milliseconds from 1 to ${LONGEST_IDLE}`);
  const retryBudget = reader.value('retryBudget');
  if (retryBudget !== undefined && !isRetryBudget(retryBudget)) {
    reader.report('retryBudget', 'type', 'a budget made by retryBudget');
  }
  reader.finish();
  return {
    defaults,
    optionsFor,
    max: max ?? DEFAULT_MAX,
    idle: idle ?? DEFAULT_IDLE,
    retryBudget: retryBudget as RetryBudget | undefined,
  };
}

/** Checks a method instead of the class: an import of the class would add the policy engine to every bundle with a registry. */
function isRetryBudget(value: unknown): boolean {
  return typeof (value as Partial<RetryBudget> | null)?.withdraw === 'function';
}
