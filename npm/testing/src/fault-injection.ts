import { readOptions } from 'fusewire';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Clock } from 'fusewire';
import { signalOf, wait } from './wait.ts';

/** Options of {@link faultInjection}. */
export interface FaultInjectionOptions {
  /** Seed of the random numbers: a whole number from 0 to 4 294 967 295. The same seed injects the same faults. */
  readonly seed: number;
  /** Share of the calls that reject without being made: 0 to 1. Default 0. */
  readonly errorRate?: number | undefined;
  /** Returns the error of a call that rejects. Default: an {@link InjectedError}. */
  readonly makeError?: (() => unknown) | undefined;
  /** Share of the calls that hang without being made, until they are aborted: 0 to 1. Default 0. */
  readonly hangRate?: number | undefined;
  /** Share of the calls that are delayed before they are made, reject or hang: 0 to 1. Default 1. */
  readonly delayRate?: number | undefined;
  /** Shortest delay in milliseconds: from 0. Default 0. */
  readonly minimumDelay?: number | undefined;
  /** Longest delay in milliseconds: from `minimumDelay` to 2 147 483 647. Default `minimumDelay`. */
  readonly maximumDelay?: number | undefined;
  /** Clock whose timers drive the delays, such as that of {@link manualClock}. Default: the timers of the runtime. */
  readonly clock?: Clock | undefined;
}

/** Counts of the calls and the injected faults so far. */
export interface FaultInjectionStats {
  readonly calls: number;
  readonly errors: number;
  readonly delayed: number;
  readonly hangs: number;
}

/** Error of a call with an injected fault. */
export class InjectedError extends Error {
  override readonly name = 'InjectedError';
  readonly code = 'ERR_INJECTED';
  constructor() {
    super('This call fails because a fault was injected');
  }
}

/** Injector of faults into calls. */
export class FaultInjection {
  /** Whether faults are injected. Calls made while it is false use no random numbers. Default true. */
  enabled = true;
  readonly #settings: Settings;
  readonly #random: () => number;
  #calls = 0;
  #errors = 0;
  #delayed = 0;
  #hangs = 0;

  /** @internal */
  constructor(settings: Settings) {
    this.#settings = settings;
    const generator = xoroshiro128plus(settings.seed | 0);
    this.#random = () => uniformFloat64(generator);
  }

  /** Returns the counts of the calls and the injected faults so far. */
  getStats(): FaultInjectionStats {
    return { calls: this.#calls, errors: this.#errors, delayed: this.#delayed, hangs: this.#hangs };
  }

  /** Returns a function that calls `work` with the same arguments and the same `this`, and injects faults into the calls. */
  wrap<This, Arguments extends unknown[], R>(
    work: (this: This, ...args: Arguments) => R,
  ): (this: This, ...args: Arguments) => Promise<Awaited<R>> {
    if (typeof work !== 'function') throw new TypeError('wrap takes a function');
    const inject = (context: unknown) => this.#inject(context);
    return async function (this: This, ...args: Arguments): Promise<Awaited<R>> {
      await inject(args[0]);
      return await work.apply(this, args);
    };
  }

  /** Delays, rejects or hangs one call. Resolves if the call is to be made. */
  async #inject(context: unknown): Promise<void> {
    if (!this.enabled) return;
    const { errorRate, makeError, hangRate, delayRate, minimumDelay, maximumDelay, clock } = this.#settings;
    // Every call uses three numbers, so that changing one rate does not move the other faults.
    const [delayChance, delayFraction, faultChance] = [this.#random(), this.#random(), this.#random()];
    const delay = delayChance < delayRate ? minimumDelay + delayFraction * (maximumDelay - minimumDelay) : 0;
    this.#calls++;
    if (delay > 0) {
      this.#delayed++;
      await wait(delay, signalOf(context), clock);
    }
    if (faultChance < errorRate) {
      this.#errors++;
      throw makeError();
    }
    if (faultChance < errorRate + hangRate) {
      this.#hangs++;
      await wait(undefined, signalOf(context), clock);
    }
  }
}

/**
 * Returns an injector of random faults from a seed. With the same options, the n-th call always gets the same fault.
 *
 * @throws {OptionsError} with everything that is wrong with the options.
 */
export function faultInjection(options: FaultInjectionOptions): FaultInjection {
  return new FaultInjection(readSettings(options));
}

type Settings = Required<{
  readonly [Option in Exclude<keyof FaultInjectionOptions, 'clock'>]: NonNullable<FaultInjectionOptions[Option]>;
}> & { readonly clock: Clock | undefined };

const MAX_SEED = 4_294_967_295;
const RATE = 'a number from 0 to 1';

function readSettings(options: FaultInjectionOptions): Settings {
  const reader = readOptions('Fault injection', 'faults', options);
  const rate = (option: string) => reader.number(option, 0, 1, RATE);
  const seed = reader.number('seed', 0, MAX_SEED, `a whole number from 0 to ${MAX_SEED}`, true) ?? 0;
  const errorRate = rate('errorRate') ?? 0;
  const hangRate = rate('hangRate') ?? 0;
  const minimumDelay = reader.milliseconds('minimumDelay', 0) ?? 0;
  const maximumDelay = reader.milliseconds('maximumDelay', minimumDelay) ?? minimumDelay;
  const delayRate = rate('delayRate') ?? 1;
  const makeError = (reader.callable('makeError') ?? (() => new InjectedError())) as () => unknown;
  const clock = reader.callable('clock') as Clock | undefined;
  if (errorRate + hangRate > 1) reader.report('hangRate', 'range', 'at most 1 together with errorRate');
  reader.finish('seed');
  return { seed, errorRate, makeError, hangRate, delayRate, minimumDelay, maximumDelay, clock };
}
