import { readOptions } from 'fusewire/kit';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { signalOf, wait } from './wait.ts';

/** Options of {@link faultInjection}. */
export interface FaultInjectionOptions {
  /** Seed of the random numbers: a whole number from 0 to 4 294 967 295. The same seed injects the same faults. */
  readonly seed: number;
  /** Share of the calls that reject without being made: 0 to 1. Default 0. */
  readonly errorShare?: number | undefined;
  /** Returns the error of a call that rejects. Default: an {@link InjectedFault}. */
  readonly makeError?: (() => unknown) | undefined;
  /** Share of the calls that hang without being made, until they are aborted: 0 to 1. Default 0. */
  readonly hangShare?: number | undefined;
  /** Share of the calls that are delayed before they are made, reject or hang: 0 to 1. Default 1. */
  readonly delayShare?: number | undefined;
  /** Shortest delay in milliseconds: from 0. Default 0. */
  readonly minimumDelay?: number | undefined;
  /** Longest delay in milliseconds: from `minimumDelay` to 2 147 483 647. Default `minimumDelay`. */
  readonly maximumDelay?: number | undefined;
}

/** Counts of the calls and the injected faults so far. */
export interface FaultInjectionStats {
  readonly calls: number;
  readonly errors: number;
  readonly delayed: number;
  readonly hangs: number;
}

/** Error of a call with an injected fault. */
export class InjectedFault extends Error {
  override readonly name = 'InjectedFault';
  readonly code = 'EINJECTEDFAULT';
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

  get stats(): FaultInjectionStats {
    return { calls: this.#calls, errors: this.#errors, delayed: this.#delayed, hangs: this.#hangs };
  }

  /** Returns a function that calls `work` with the same arguments and the same `this`, and injects faults into the calls. */
  around<This, Arguments extends unknown[], R>(
    work: (this: This, ...args: Arguments) => R,
  ): (this: This, ...args: Arguments) => Promise<Awaited<R>> {
    if (typeof work !== 'function') throw new TypeError('around takes a function');
    const inject = (context: unknown) => this.#inject(context);
    return async function (this: This, ...args: Arguments): Promise<Awaited<R>> {
      await inject(args[0]);
      return await work.apply(this, args);
    };
  }

  /** Delays, rejects or hangs one call. Resolves if the call is to be made. */
  async #inject(context: unknown): Promise<void> {
    if (!this.enabled) return;
    const { errorShare, makeError, hangShare, delayShare, minimumDelay, maximumDelay } = this.#settings;
    // Every call uses three numbers, so that changing one share does not move the other faults.
    const [delayChance, delayFraction, faultChance] = [this.#random(), this.#random(), this.#random()];
    const delay = delayChance < delayShare ? minimumDelay + delayFraction * (maximumDelay - minimumDelay) : 0;
    this.#calls++;
    if (delay > 0) {
      this.#delayed++;
      await wait(delay, signalOf(context));
    }
    if (faultChance < errorShare) {
      this.#errors++;
      throw makeError();
    }
    if (faultChance < errorShare + hangShare) {
      this.#hangs++;
      await wait(undefined, signalOf(context));
    }
  }
}

/**
 * Returns an injector of random faults from a seed. With the same options, the n-th call always gets the same fault.
 *
 * @throws {BreakerOptionsError} with everything that is wrong with the options.
 */
export function faultInjection(options: FaultInjectionOptions): FaultInjection {
  return new FaultInjection(readSettings(options));
}

type Settings = Required<{
  readonly [Option in keyof FaultInjectionOptions]: NonNullable<FaultInjectionOptions[Option]>;
}>;

const MAX_SEED = 4_294_967_295;
const SHARE = 'a number from 0 to 1';

function readSettings(options: FaultInjectionOptions): Settings {
  const reader = readOptions('Fault injection', 'faults', options);
  const share = (option: string) => reader.number(option, 0, 1, SHARE);
  const seed = reader.number('seed', 0, MAX_SEED, `a whole number from 0 to ${MAX_SEED}`, true) ?? 0;
  const errorShare = share('errorShare') ?? 0;
  const hangShare = share('hangShare') ?? 0;
  const minimumDelay = reader.milliseconds('minimumDelay', 0) ?? 0;
  const maximumDelay = reader.milliseconds('maximumDelay', minimumDelay) ?? minimumDelay;
  const delayShare = share('delayShare') ?? 1;
  const makeError = (reader.callable('makeError') ?? (() => new InjectedFault())) as () => unknown;
  if (errorShare + hangShare > 1) reader.report('hangShare', 'range', 'at most 1 together with errorShare');
  reader.finish('seed');
  return { seed, errorShare, makeError, hangShare, delayShare, minimumDelay, maximumDelay };
}
