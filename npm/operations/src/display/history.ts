import type { Stats } from './model.ts';

/** Calls by their outcome, and percentiles of their durations in milliseconds. */
interface Figures {
  readonly successes: number;
  readonly failures: number;
  readonly rejected: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

/** Counters of a breaker at a time. */
interface Sample extends Figures {
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** Calls a second between two samples. */
export interface Rates extends Figures {
  /** Seconds since 1970 at the end. */
  readonly time: number;
}

/** Most samples that are kept: 10 minutes at one a second. */
const MOST = 600;
/** Milliseconds between two samples at least. */
const STEP = 1_000;
/** Samples over which the present rate is taken. */
const RECENT = 10;

/** Counters of one breaker since the page was opened. */
export class History {
  readonly #samples: Sample[] = [];

  /** Adds a sample. A breaker of which nothing was heard has not changed, so that gaps are filled with its last one. */
  add(stats: Stats, time: number): void {
    const last = this.#samples.at(-1);
    if (last !== undefined && time - last.time < STEP / 2) this.#samples.pop();
    if (last !== undefined && time - last.time > 2 * STEP) this.#samples.push({ ...last, time: time - STEP });
    const { totalSuccesses: successes, totalFailures: failures, totalRejected: rejected } = stats;
    const { p50, p95, p99 } = stats.responseTimes;
    this.#samples.push({ time, successes, failures, rejected, p50, p95, p99 });
    if (this.#samples.length > MOST) this.#samples.splice(0, this.#samples.length - MOST);
  }

  /** Returns the present rates: those of the last ten seconds. */
  recent(now: number): Rates {
    const samples = this.#samples.slice(-RECENT - 1);
    const first = samples.find(({ time }) => now - time <= (RECENT + 1) * STEP) ?? samples.at(-1);
    const last = samples.at(-1);
    if (first === undefined || last === undefined) return ratesBetween(NOTHING, NOTHING, now);
    return ratesBetween(first, last, Math.max(now, last.time));
  }

  /** Returns the rates between the last samples, the oldest first. */
  series(most = MOST): Rates[] {
    const samples = this.#samples.slice(-most - 1);
    return samples.slice(1).map((sample, index) => ratesBetween(samples[index] as Sample, sample, sample.time));
  }
}

const NOTHING: Sample = { time: 0, successes: 0, failures: 0, rejected: 0, p50: null, p95: null, p99: null };

function ratesBetween(one: Sample, other: Sample, end: number): Rates {
  const seconds = Math.max((end - one.time) / 1_000, 0.001);
  // A counter that has decreased is that of a new breaker of the same name.
  const per = (counter: 'successes' | 'failures' | 'rejected') =>
    Math.max(0, other[counter] - one[counter]) / Math.max(seconds, 1);
  return {
    ...other,
    time: end / 1_000,
    successes: per('successes'),
    failures: per('failures'),
    rejected: per('rejected'),
  };
}
