import { CircuitBreaker } from './circuit-breaker.ts';
import { defaultClock } from '../time/clock.ts';
import type { Clock } from '../time/clock.ts';
import type { CircuitBreakerOptions } from './options.ts';
import { SUBJECT } from './settings.ts';
import { isValidName, OptionsReader, requireObject } from '../options/options-reader.ts';
import type { BreakerStats } from './stats.ts';
import type { RetryBudget } from '../policies/retry/retry-budget.ts';

/** How a registry behaves. */
export interface BreakerRegistryOptions {
  /** Options of every breaker that it makes, unless the breaker is given its own. */
  readonly defaults?: Omit<CircuitBreakerOptions, 'name'> | undefined;
  /** The breakers made by {@link BreakerRegistry.for}. */
  readonly keyed?: KeyedOptions | undefined;
  /** A retry budget, made by `retryBudget`, for the retries around its breakers to share. Default: none. */
  readonly retryBudget?: RetryBudget | undefined;
}

/** How many breakers {@link BreakerRegistry.for} keeps, and for how long. */
export interface KeyedOptions {
  /** At most so many: 1 to 1 000 000. Default 1 000. */
  readonly max?: number | undefined;
  /** Milliseconds after which one that nobody asked for is let go: 1 to 31 536 000 000. Default 600 000. */
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
 * Breakers by name. Those made by {@link create} stay until they are deleted; those made by {@link for} are bounded in
 * number and let go when nobody asks for them, without a timer. A breaker that is let go goes on working for who holds it.
 */
export class BreakerRegistry {
  /** The retry budget that was given, for the retries around its breakers to share. */
  readonly retryBudget: RetryBudget | undefined;
  readonly #defaults: CircuitBreakerOptions;
  readonly #max: number;
  readonly #idle: number;
  readonly #clock: Clock;
  readonly #named = new Map<string, CircuitBreaker>();
  /** In the order of the last `for`, the oldest first. */
  readonly #keyed = new Map<string, Keyed>();

  /** @throws {BreakerOptionsError} with everything that is wrong with the options of the registry itself. */
  constructor(options?: BreakerRegistryOptions) {
    const { defaults, max, idle, retryBudget } = readRegistryOptions(options);
    this.retryBudget = retryBudget;
    this.#defaults = defaults;
    this.#max = max;
    this.#idle = idle;
    this.#clock = typeof defaults.clock === 'function' ? defaults.clock : defaultClock;
  }

  /** How many breakers there are. */
  get size(): number {
    this.#dropIdle();
    return this.#named.size + this.#keyed.size;
  }

  /**
   * Makes a breaker of that name.
   *
   * @throws {Error} if there is one already.
   * @throws {BreakerOptionsError} with everything that is wrong with the options.
   */
  create(name: string, options?: Omit<CircuitBreakerOptions, 'name'>): CircuitBreaker {
    if (this.get(name) !== undefined) throw new Error(`There is a circuit breaker ${name} in this registry already`);
    const breaker = this.#make(name, options);
    this.#named.set(name, breaker);
    return breaker;
  }

  /** The breaker of that name or key, if there is one. */
  get(name: string): CircuitBreaker | undefined {
    this.#dropIdle();
    return this.#named.get(name) ?? this.#keyed.get(name)?.breaker;
  }

  /**
   * The breaker for a key, such as a host or a tenant: the one that is there, or a new one. Ask for it again for each
   * call. Beyond `max` the one that was not asked for longest goes, those whose circuit is open last.
   *
   * @param options of the breaker, if it is new.
   */
  for(key: string, options?: Omit<CircuitBreakerOptions, 'name'>): CircuitBreaker {
    const named = this.#named.get(key);
    if (named !== undefined) return named;
    this.#dropIdle();
    const known = this.#keyed.get(key);
    const entry = known ?? { breaker: this.#make(key, options), askedFor: 0 };
    entry.askedFor = this.#clock();
    if (known !== undefined) this.#keyed.delete(key);
    else if (this.#keyed.size >= this.#max) this.#keyed.delete(this.#leastWanted());
    this.#keyed.set(key, entry);
    return entry.breaker;
  }

  /** Every breaker by its name, in a map of the caller's own. */
  getAll(): Map<string, CircuitBreaker> {
    this.#dropIdle();
    const all = new Map(this.#named);
    for (const [key, { breaker }] of this.#keyed) all.set(key, breaker);
    return all;
  }

  /** The stats of every breaker by its name. */
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

  /** Lets go of the breaker of that name, which goes on working for who holds it. Returns whether there was one. */
  delete(name: string): boolean {
    return this.#named.delete(name) || this.#keyed.delete(name);
  }

  #make(name: string, options: Omit<CircuitBreakerOptions, 'name'> | undefined): CircuitBreaker {
    const own = options === undefined ? {} : requireObject(SUBJECT, isValidName(name) ? name : 'unnamed', options);
    return new CircuitBreaker({ ...this.#defaults, ...own, name });
  }

  /** An open circuit is kept on: to forget that something is down would be the wrong moment. */
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

  #leastWanted(): string {
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

/** The class itself would bring the engine of the policies to everybody who has a registry. */
function isRetryBudget(value: unknown): boolean {
  return typeof (value as Partial<RetryBudget> | null)?.withdraw === 'function';
}
