import { CircuitBreaker, circuitOf } from './circuit-breaker.ts';
import { effectiveState } from '../engine/state-word.ts';
import { defaultClock } from '../time/clock.ts';
import type { Clock } from '../time/clock.ts';
import type { CircuitBreakerOptions } from './options.ts';
import { SUBJECT } from './settings.ts';
import { isValidName, OptionsReader, requireObject } from '../options/options-reader.ts';
import type { BreakerStats } from './stats.ts';
import type { RetryBudget } from '../policies/retry/retry-budget.ts';

/** Options of a registry. */
export interface BreakerRegistryOptions {
  /** Default options of the breakers that the registry creates. */
  readonly defaults?: Omit<CircuitBreakerOptions, 'name'> | undefined;
  /** Options for the breakers of {@link BreakerRegistry.for}. */
  readonly keyed?: KeyedOptions | undefined;
  /** Budget that the retries around the registry's breakers share, created by `retryBudget`. Default: none. */
  readonly retryBudget?: RetryBudget | undefined;
}

/** Bounds of the breakers that {@link BreakerRegistry.for} keeps. */
export interface KeyedOptions {
  /** Largest number of breakers: 1 to 1 000 000. Default 1 000. */
  readonly max?: number | undefined;
  /**
   * Milliseconds without a `for` call or a change of state after which a breaker is dropped, unless its circuit is open:
   * 1 to 31 536 000 000. Default 600 000.
   */
  readonly idle?: number | undefined;
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
    const { defaults, max, idle, retryBudget } = readRegistryOptions(options);
    this.retryBudget = retryBudget;
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
      if (breaker.disposed) this.#named.delete(name);
    };
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
   * @param options options of a new breaker.
   */
  for(key: string, options?: Omit<CircuitBreakerOptions, 'name'>): CircuitBreaker {
    const named = this.#named.get(key);
    if (named !== undefined) return named;
    // The breaker of a failing dependency outlasts its idle time if it is asked for now.
    const failing = this.#failing.get(key);
    if (failing !== undefined) this.#use(failing);
    this.#dropIdle();
    const known = this.#find(key);
    if (known !== undefined) {
      this.#use(known);
      return known.breaker;
    }
    const entry = { key, breaker: this.#make(key, options), usedAt: 0, useNumber: 0 };
    if (this.#closed.size + this.#failing.size >= this.#max) this.#evict();
    this.#use(entry);
    circuitOf(entry.breaker).onWordChange = () => this.#onWordChange(entry);
    return entry.breaker;
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
    } else if (keyed !== undefined) this.#drop(keyed);
    return (named ?? keyed) !== undefined;
  }

  #make(name: string, options: Omit<CircuitBreakerOptions, 'name'> | undefined): CircuitBreaker {
    const own = options === undefined ? {} : requireObject(SUBJECT, isValidName(name) ? name : 'unnamed', options);
    return new CircuitBreaker({ ...this.#defaults, ...own, name });
  }

  #find(key: string): Keyed | undefined {
    return this.#closed.get(key) ?? this.#failing.get(key);
  }

  /** Marks a breaker as the most recently used of those in its state. */
  #use(entry: Keyed): void {
    entry.usedAt = this.#clock();
    const breakers = isClosed(entry.breaker) ? this.#closed : this.#failing;
    // The most recently used one is the last of its map already.
    if (entry.useNumber === this.#lastUse && breakers.get(entry.key) === entry) return;
    entry.useNumber = ++this.#lastUse;
    this.#closed.delete(entry.key);
    this.#failing.delete(entry.key);
    breakers.set(entry.key, entry);
  }

  #drop({ key, breaker }: Keyed): void {
    this.#closed.delete(key);
    this.#failing.delete(key);
    circuitOf(breaker).onWordChange = undefined;
  }

  #onWordChange(entry: Keyed): void {
    try {
      if (entry.breaker.disposed) this.#drop(entry);
      else if (this.#closed.has(entry.key) !== isClosed(entry.breaker)) this.#use(entry);
    } catch {
      // The clock failed, or the stack overflowed. The next use of the breaker corrects its place.
    }
  }

  /** Drops breakers that nobody has asked for. A breaker with an open circuit stays: its state is worth keeping. */
  #dropIdle(): void {
    const now = this.#closed.size + this.#failing.size > 0 ? this.#clock() : 0;
    for (const keyed of [this.#closed, this.#failing]) {
      for (const entry of keyed.values()) {
        if (!(now - entry.usedAt >= this.#idle)) break;
        if (entry.breaker.state === 'OPEN') this.#use(entry);
        else this.#drop(entry);
      }
    }
  }

  /** Drops the least recently used breaker, one with a closed circuit if there is any. */
  #evict(): void {
    for (const entry of this.#closed.values()) {
      // Reading the state applies what other threads did to a shared breaker.
      if (entry.breaker.state === 'CLOSED') return this.#drop(entry);
      this.#use(entry);
    }
    for (const entry of this.#failing.values()) return this.#drop(entry);
  }
}

/** Whether callers experience a closed circuit, without transitions that are due: those never close a circuit. */
function isClosed(breaker: CircuitBreaker): boolean {
  return effectiveState(circuitOf(breaker).word) === 'CLOSED';
}

interface RegistrySettings {
  readonly defaults: CircuitBreakerOptions;
  readonly max: number;
  readonly idle: number;
  readonly retryBudget: RetryBudget | undefined;
}

function readRegistryOptions(options: unknown): RegistrySettings {
  const reader = new OptionsReader('registry', options === undefined ? {} : options, SUBJECT, false);
  const defaults = reader.object('defaults') as CircuitBreakerOptions;
  const keyed = reader.nested('keyed');
  const max = keyed.number('max', 1, LARGEST_MAX, `a whole number from 1 to ${LARGEST_MAX}`, true);
  const idle = keyed.number('idle', 1, LONGEST_IDLE, `a number of milliseconds from 1 to ${LONGEST_IDLE}`);
  const retryBudget = reader.value('retryBudget');
  if (retryBudget !== undefined && !isRetryBudget(retryBudget)) {
    reader.report('retryBudget', 'type', 'a budget made by retryBudget');
  }
  reader.finish();
  return {
    defaults,
    max: max ?? DEFAULT_MAX,
    idle: idle ?? DEFAULT_IDLE,
    retryBudget: retryBudget as RetryBudget | undefined,
  };
}

/** Checks a method instead of the class: an import of the class would add the policy engine to every bundle with a registry. */
function isRetryBudget(value: unknown): boolean {
  return typeof (value as Partial<RetryBudget> | null)?.withdraw === 'function';
}
