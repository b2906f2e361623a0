import type { Exemplar, Labels, Sample } from './families.ts';

/** Durations of calls, counted in buckets. */
export class Histogram {
  readonly #bounds: readonly number[];
  /** Calls of each bucket alone; the last one has no bound. */
  readonly #counts: number[];
  readonly #exemplars: (Exemplar | undefined)[];
  /** Seconds of all calls. */
  #sum = 0;

  /** @param bounds upper bounds of the buckets in seconds, in ascending order. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Array<number>(bounds.length + 1).fill(0);
    this.#exemplars = [];
  }

  record(seconds: number): void {
    const bucket = this.#bucketOf(seconds);
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
    this.#sum += seconds;
  }

  /** Makes a recorded call the example of its bucket. */
  exemplify(seconds: number, labels: Labels): void {
    this.#exemplars[this.#bucketOf(seconds)] = { labels, value: seconds, time: Date.now() / 1_000 };
  }

  /** Adds the calls of another histogram with the same bounds. */
  add(other: Histogram): void {
    for (const [bucket, count] of other.#counts.entries()) {
      this.#counts[bucket] = (this.#counts[bucket] as number) + count;
      this.#exemplars[bucket] = other.#exemplars[bucket] ?? this.#exemplars[bucket];
    }
    this.#sum += other.#sum;
  }

  /** Returns the sum of this histogram and another with the same bounds. */
  plus(other: Histogram): Histogram {
    const sum = new Histogram(this.#bounds);
    sum.add(this);
    sum.add(other);
    return sum;
  }

  /** Writes the series of this histogram. Each bucket contains those below it. */
  write(labels: Labels, samples: Sample[]): void {
    let below = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      below += count;
      const bound = this.#bounds[bucket];
      const le = bound === undefined ? '+Inf' : String(bound);
      samples.push({
        suffix: '_bucket',
        labels: { ...labels, le },
        value: below,
        exemplar: this.#exemplars[bucket],
      });
    }
    samples.push({ suffix: '_sum', labels, value: this.#sum }, { suffix: '_count', labels, value: below });
  }

  #bucketOf(seconds: number): number {
    let bucket = 0;
    while (bucket < this.#bounds.length && seconds > (this.#bounds[bucket] as number)) bucket++;
    return bucket;
  }
}
