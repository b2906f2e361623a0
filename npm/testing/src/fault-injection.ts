import { readOptions } from 'fusewire';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { signalOf, wait } from './waiting.ts';

/** Which faults are put into calls, and how often. */
export interface FaultInjectionOptions {
  /** Where the row of random numbers starts: a whole number from 0 to 4 294 967 295. The same seed, the same faults. */
  readonly seed: number;
  /** The share of the calls that fail instead of being made: 0 to 1. Default 0. */
  readonly errorShare?: number | undefined;
  /** Makes the error. Default: an {@link InjectedFault}. */
  readonly makeError?: (() => unknown) | undefined;
  /** The share of the calls that are never made, and do not answer until they are aborted: 0 to 1. Default 0. */
  readonly hangShare?: number | undefined;
  /** The share of the calls that wait before they are made, or fail: 0 to 1. Default 1 where a delay is given. */
  readonly delayShare?: number | undefined;
  /** Milliseconds that they wait at least: from 0. Default 0. */
  readonly minimumDelay?: number | undefined;
  /** Milliseconds that they wait at most: from `minimumDelay` to 2 147 483 647. Default `minimumDelay`. */
  readonly maximumDelay?: number | undefined;
}

/** What was done so far. */
export interface FaultInjectionStats {
  readonly calls: number;
  readonly errors: number;
  readonly delayed: number;
  readonly hangs: number;
}

/** The error of a call that fails because it was told to. */
export class InjectedFault extends Error {
  override readonly name = 'InjectedFault';
  readonly code = 'EINJECTEDFAULT';
  constructor() {
    super('This call fails because a fault was injected');
  }
}

/** Puts faults into calls. */
export class FaultInjection {
  /** While false, calls are made as they are, and take nothing from the row of random numbers. Default true. */
  enabled = true;
  readonly #faults: Faults;
  readonly #random: () => number;
  #calls = 0;
  #errors = 0;
  #delayed = 0;
  #hangs = 0;

  /** @internal */
  constructor(faults: Faults) {
    this.#faults = faults;
    const generator = xoroshiro128plus(faults.seed | 0);
    this.#random = () => uniformFloat64(generator);
  }

  get stats(): FaultInjectionStats {
    return { calls: this.#calls, errors: this.#errors, delayed: this.#delayed, hangs: this.#hangs };
  }

  /** A function like `work`, with the same arguments and the same `this`, whose calls suffer the faults. */
  around<This, Arguments extends unknown[], R>(
    work: (this: This, ...args: Arguments) => R,
  ): (this: This, ...args: Arguments) => Promise<Awaited<R>> {
    if (typeof work !== 'function') throw new TypeError('around takes a function');
    const suffer = (context: unknown) => this.#suffer(context);
    return async function (this: This, ...args: Arguments): Promise<Awaited<R>> {
      await suffer(args[0]);
      return await work.apply(this, args);
    };
  }

  async #suffer(context: unknown): Promise<void> {
    if (!this.enabled) return;
    const { errorShare, makeError, hangShare, delayShare, minimumDelay, maximumDelay } = this.#faults;
    // Every call takes three numbers, so that no fault moves the others.
    const [whether, howLong, which] = [this.#random(), this.#random(), this.#random()];
    const delay = whether < delayShare ? minimumDelay + howLong * (maximumDelay - minimumDelay) : 0;
    this.#calls++;
    if (delay > 0) {
      this.#delayed++;
      await wait(delay, signalOf(context));
    }
    if (which < errorShare) {
      this.#errors++;
      throw makeError();
    }
    if (which < errorShare + hangShare) {
      this.#hangs++;
      await wait(undefined, signalOf(context));
    }
  }
}

/**
 * Makes faults from a seed: the n-th call suffers the same whenever the options are the same.
 *
 * @throws {BreakerOptionsError} with everything that is wrong with the options.
 */
export function faultInjection(options: FaultInjectionOptions): FaultInjection {
  return new FaultInjection(readFaults(options));
}

type Faults = Required<{
  readonly [Option in keyof FaultInjectionOptions]: NonNullable<FaultInjectionOptions[Option]>;
}>;

const LARGEST_SEED = 4_294_967_295;
const SHARE = 'a number from 0 to 1';

function readFaults(options: FaultInjectionOptions): Faults {
  const reader = readOptions('Fault injection', 'faults', options);
  const share = (option: string) => reader.number(option, 0, 1, SHARE);
  const seed = reader.number('seed', 0, LARGEST_SEED, `a whole number from 0 to ${LARGEST_SEED}`, true) ?? 0;
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
