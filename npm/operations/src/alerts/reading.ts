import type { BreakerStats, CircuitBreaker, CircuitState, Explanation } from 'fusewire';
import { CounterHistory } from './counter-history.ts';

/** Growth of the counters of a breaker within a window. */
export interface WindowReading {
  /** Calls that ended with a success or a failure. */
  readonly calls: number;
  readonly failures: number;
  readonly timeouts: number;
  /** Calls that were not admitted. */
  readonly rejected: number;
  /** Share of failures in `calls`, 0 to 1; 0 without calls. */
  readonly failureRate: number;
  /** Average duration of a call in milliseconds; null without calls, or if `responseTimes` of the breaker is off. */
  readonly averageResponseTime: number | null;
  readonly stateChanges: number;
}

/** Calls that took longer than a limit. */
export interface SlowCallReading {
  readonly calls: number;
  /** Duration of the last of them in milliseconds; null before the first. */
  readonly last: number | null;
}

/** One breaker at one evaluation, as rules read it. */
export interface BreakerReading {
  readonly breaker: string;
  /** Name of the registry. */
  readonly source: string;
  /** State that callers experience. */
  readonly state: CircuitState;
  readonly stats: BreakerStats;
  /** Numbers behind the last decision; read when a rule first asks for them. */
  readonly explanation: Explanation;
  /** Whether the circuit is open or half-open, or was so since the last evaluation. */
  readonly wasOpen: boolean;
  /**
   * Returns what happened within so many milliseconds, exact to a thirtieth of them: 1 to 2 592 000 000. The first evaluation
   * that asks for a length begins its window.
   *
   * @throws {RangeError} for another length, or for more than 16 lengths.
   */
  within(length: number): WindowReading;
  /**
   * Returns the calls within so many milliseconds that took longer than the option `slowerThan` of the rule.
   *
   * @throws {RangeError} like `within`.
   */
  slowCalls(length: number): SlowCallReading;
}

/** Most lengths of windows of one breaker. */
const MOST_WINDOWS = 16;
/** Longest window, in milliseconds: 30 days. */
export const LONGEST_WINDOW = 2_592_000_000;

/** Windows over the counters of one breaker. */
export class BreakerWindows {
  readonly #histories = new Map<string, CounterHistory>();

  /** Returns the growth of counters within a window, and begins the window if it is new. */
  growth(name: string, length: number, now: number, counters: readonly number[]): number[] {
    if (!(length >= 1 && length <= LONGEST_WINDOW))
      throw new RangeError(`a window must be from 1 to ${LONGEST_WINDOW} ms`);
    const key = `${name} ${length}`;
    let history = this.#histories.get(key);
    if (history === undefined) {
      if (this.#histories.size >= MOST_WINDOWS) throw new RangeError(`a breaker has at most ${MOST_WINDOWS} windows`);
      history = new CounterHistory(length, counters.length);
      this.#histories.set(key, history);
    }
    return history.add(now, counters);
  }
}

/** Calls of one breaker that took longer than a limit. */
export interface SlowCalls {
  calls: number;
  last: number | null;
}

/** Parts of a reading that its breaker does not have. */
export interface ReadingSource {
  readonly breaker: CircuitBreaker;
  readonly name: string;
  readonly source: string;
  readonly windows: BreakerWindows;
  /** Slow calls by their limit. */
  readonly slowCalls: ReadonlyMap<number, SlowCalls>;
}

/** Reading of one breaker. Rules share it, so that each counter is read once in an evaluation. */
export class SharedReading {
  readonly #source: ReadingSource;
  readonly #now: number;
  readonly #windows = new Map<number, WindowReading>();
  readonly #stats: BreakerStats;
  readonly #wasOpen: boolean;
  #explanation: Explanation | undefined;
  #shared: BreakerReading | undefined;

  constructor(source: ReadingSource, stats: BreakerStats, wasOpen: boolean, now: number) {
    this.#source = source;
    this.#stats = stats;
    this.#wasOpen = wasOpen;
    this.#now = now;
  }

  /** Returns the reading as a rule with that option gets it. Rules without it share one. */
  for(slowerThan: number | undefined): BreakerReading {
    return slowerThan === undefined ? (this.#shared ??= this.#create(undefined)) : this.#create(slowerThan);
  }

  #create(slowerThan: number | undefined): BreakerReading {
    const { name, source } = this.#source;
    const explain = () => (this.#explanation ??= this.#source.breaker.explain());
    return {
      breaker: name,
      source,
      state: this.#stats.state,
      stats: this.#stats,
      wasOpen: this.#wasOpen,
      get explanation() {
        return explain();
      },
      within: (length: number) => this.#within(length),
      slowCalls: (length: number) => this.#slowCalls(slowerThan, length),
    };
  }

  #within(length: number): WindowReading {
    let reading = this.#windows.get(length);
    if (reading === undefined) {
      reading = readingOf(this.#source.windows.growth('calls', length, this.#now, countersOf(this.#stats)));
      this.#windows.set(length, reading);
    }
    return reading;
  }

  #slowCalls(slowerThan: number | undefined, length: number): SlowCallReading {
    if (slowerThan === undefined) throw new RangeError('slowCalls needs the option slowerThan of its rule');
    const { calls, last } = this.#source.slowCalls.get(slowerThan) ?? { calls: 0, last: null };
    const [growth = 0] = this.#source.windows.growth(`slow ${slowerThan}`, length, this.#now, [calls]);
    return { calls: growth, last };
  }
}

/** Returns the counters of a window, in the order of {@link readingOf}. */
function countersOf(stats: BreakerStats): number[] {
  const { totalSuccesses, totalFailures, totalTimeouts, totalRejected, averageResponseTime, stateChanges } = stats;
  // The average is over all successes and failures, so that this is the sum of their durations.
  const durations = (averageResponseTime ?? 0) * (totalSuccesses + totalFailures);
  return [totalSuccesses, totalFailures, totalTimeouts, totalRejected, durations, stateChanges];
}

function readingOf(growth: readonly number[]): WindowReading {
  const [successes = 0, failures = 0, timeouts = 0, rejected = 0, durations = 0, stateChanges = 0] = growth;
  const calls = successes + failures;
  return {
    calls,
    failures,
    timeouts,
    rejected,
    failureRate: calls === 0 ? 0 : failures / calls,
    averageResponseTime: calls === 0 || durations === 0 ? null : durations / calls,
    stateChanges,
  };
}
