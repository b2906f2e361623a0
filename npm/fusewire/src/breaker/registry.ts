import { CircuitBreaker } from './circuit-breaker.ts';
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
  /** Milliseconds without a `for` call after which a breaker is dropped: 1 to 31 536 000 000. Default 600 000. */
  readonly idle?: number | undefined;
}

const DEFAULT_MAX = 1_000;
const DEFAULT_IDLE = 600_000;
const LARGEST_MAX = 1_000_000;
const LONGEST_IDLE = 31_536_000_000;

interface Keyed {
  readonly breaker: CircuitBreaker;
  askedFor: number;
}

/**
 * Collection of breakers by name. Breakers of {@link create} stay until they are deleted. Breakers of {@link for} are bounded
 * in number, and are dropped when nobody asks for them; no timer is needed. A dropped breaker still works for its holders.
 */
export class BreakerRegistry {
  /** Value of the `retryBudget` option. */
  readonly retryBudget: RetryBudget | undefined;
  readonly #defaults: CircuitBreakerOptions;
  readonly #max: number;
  readonly #idle: number;
  readonly #clock: Clock;
  readonly #named = new Map<string, CircuitBreaker>();
  /** Breakers of `for`, in the order of their last use, the oldest first. */
  readonly #keyed = new Map<string, Keyed>();

  /** @throws {BreakerOptionsError} with every problem of the registry's own options. */
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
    return this.#named.size + this.#keyed.size;
  }

  /**
   * Creates a breaker of that name.
   *
   * @throws {Error} if the registry has a breaker of that name.
   * @throws {BreakerOptionsError} with every problem of the options.
   */
  create(name: string, options?: Omit<CircuitBreakerOptions, 'name'>): CircuitBreaker {
    if (this.get(name) !== undefined) throw new Error(`There is a circuit breaker ${name} in this registry already`);
    const breaker = this.#make(name, options);
    this.#named.set(name, breaker);
    return breaker;
  }

  /** Returns the breaker of that name or key, if there is one. */
  get(name: string): CircuitBreaker | undefined {
    this.#dropIdle();
    return this.#named.get(name) ?? this.#keyed.get(name)?.breaker;
  }

  /**
   * Returns the breaker for a key, such as a host or a tenant, and creates it if there is none. Ask again for each call.
   * Beyond `max` the registry drops the least recently used breaker; breakers with an open circuit go last.
   *
   * @param options options of a new breaker.
   */
  for(key: string, options?: Omit<CircuitBreakerOptions, 'name'>): CircuitBreaker {
    const named = this.#named.get(key);
    if (named !== undefined) return named;
    this.#dropIdle();
    const known = this.#keyed.get(key);
    const entry = known ?? { breaker: this.#make(key, options), askedFor: 0 };
    entry.askedFor = this.#clock();
    if (known !== undefined) this.#keyed.delete(key);
    else if (this.#keyed.size >= this.#max) this.#keyed.delete(this.#leastRecentlyUsed());
    this.#keyed.set(key, entry);
    return entry.breaker;
  }

  /** Returns a new map of every breaker by its name. */
  getAll(): Map<string, CircuitBreaker> {
    this.#dropIdle();
    const all = new Map(this.#named);
    for (const [key, { breaker }] of this.#keyed) all.set(key, breaker);
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
    return this.#named.delete(name) || this.#keyed.delete(name);
  }

  #make(name: string, options: Omit<CircuitBreakerOptions, 'name'> | undefined): CircuitBreaker {
    const own = options === undefined ? {} : requireObject(SUBJECT, isValidName(name) ? name : 'unnamed', options);
    return new CircuitBreaker({ ...this.#defaults, ...own, name });
  }

  /** Drops breakers that nobody has asked for. A breaker with an open circuit stays: its state is worth keeping. */
  #dropIdle(): void {
    const now = this.#keyed.size > 0 ? this.#clock() : 0;
    for (const [key, entry] of this.#keyed) {
      if (!(now - entry.askedFor >= this.#idle)) return;
      this.#keyed.delete(key);
      if (!isOpen(entry.breaker)) continue;
      entry.askedFor = now;
      this.#keyed.set(key, entry);
    }
  }

  #leastRecentlyUsed(): string {
    let oldest = '';
    for (const [key, { breaker }] of this.#keyed) {
      if (!isOpen(breaker)) return key;
      oldest ||= key;
    }
    return oldest;
  }
}

function isOpen(breaker: CircuitBreaker): boolean {
  return !breaker.disposed && breaker.state === 'OPEN';
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
