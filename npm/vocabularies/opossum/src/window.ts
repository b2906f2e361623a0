/** Counts of one step of the window. */
export interface Bucket {
  failures: number;
  fallbacks: number;
  successes: number;
  rejects: number;
  fires: number;
  timeouts: number;
  cacheHits: number;
  cacheMisses: number;
  coalesceCacheHits?: number;
  coalesceCacheMisses?: number;
  semaphoreRejections: number;
  percentiles: { [percentile: number]: number };
  /** Milliseconds of each success, failure and timeout. */
  latencyTimes: number[];
  /** Whether the last transition in this step opened the circuit; undefined if it neither opened nor closed. */
  isCircuitBreakerOpen?: boolean;
}

/** Buckets of the window, newest first. */
export type Window = Bucket[];

/** Names of the counters of a bucket. */
export const COUNTERS = [
  'failures',
  'fallbacks',
  'successes',
  'rejects',
  'fires',
  'timeouts',
  'cacheHits',
  'cacheMisses',
  'coalesceCacheHits',
  'coalesceCacheMisses',
  'semaphoreRejections',
] as const;

/** Name of a counter. */
export type Counter = (typeof COUNTERS)[number];

/** Bucket with all of its counters. */
export type FullBucket = Bucket & Record<Counter, number>;

/** Owner of a window. */
export interface WindowOwner {
  /** Whether `onStep` has an effect. */
  readonly wantsSteps: boolean;
  /** Called once per bucket of the window. */
  onStep(): void;
}

/** Options of a {@link RollingWindow}. */
export interface WindowOptions {
  /** Number of buckets. */
  readonly buckets: number;
  /** Milliseconds. */
  readonly duration: number;
  /** Whether calls of `rotate` move the window, instead of time. */
  readonly isRotatedByHand: boolean;
}

/** Rolling window of counts. Its timer runs only while there are counts that will expire, or its owner wants steps. */
export class RollingWindow {
  /** Newest first. */
  readonly buckets: FullBucket[];
  readonly #owner: WindowOwner;
  readonly #period: number;
  readonly #isRotatedByHand: boolean;
  readonly #createdAt = Date.now();
  /** Number of steps that the window has moved since the last count. */
  #idle: number;
  #step = 0;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(owner: WindowOwner, { buckets, duration, isRotatedByHand }: WindowOptions) {
    this.#owner = owner;
    this.#isRotatedByHand = isRotatedByHand;
    this.#period = Math.max(1, duration / buckets);
    this.buckets = Array.from({ length: buckets }, emptyBucket);
    this.#idle = buckets;
  }

  /** Returns the newest bucket, to change it. */
  change(): FullBucket {
    this.#idle = 0;
    this.startTimer();
    return this.buckets[0] as FullBucket;
  }

  /** Starts the timer of the next step, if it is needed. */
  startTimer(): void {
    if (this.#timer !== undefined || this.#ended || !this.#needsTimer()) return;
    const age = Date.now() - this.#createdAt;
    this.#step = Math.max(this.#step, Math.floor(age / this.#period));
    // If the wall clock was set back, the next step still comes within one period.
    this.#timer = setTimeout(() => this.#tick(), Math.min(this.#period, (this.#step + 1) * this.#period - age));
    this.#timer.unref?.();
  }

  /** Moves the window by a number of buckets. */
  rotate(steps = 1): void {
    const rotations = Math.min(steps, this.buckets.length);
    for (let rotation = 0; rotation < rotations; rotation++) {
      this.buckets.pop();
      this.buckets.unshift(emptyBucket());
    }
    this.#idle += rotations;
  }

  /** Stops the window. */
  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #needsTimer(): boolean {
    const expires = !this.#isRotatedByHand && this.#idle < this.buckets.length;
    return expires || this.#owner.wantsSteps;
  }

  #tick(): void {
    this.#timer = undefined;
    const step = Math.max(this.#step + 1, Math.floor((Date.now() - this.#createdAt) / this.#period));
    if (!this.#isRotatedByHand) this.rotate(step - this.#step);
    this.#step = step;
    if (this.#owner.wantsSteps) this.#owner.onStep();
    this.startTimer();
  }
}

export function emptyBucket(): FullBucket {
  return {
    failures: 0,
    fallbacks: 0,
    successes: 0,
    rejects: 0,
    fires: 0,
    timeouts: 0,
    cacheHits: 0,
    cacheMisses: 0,
    coalesceCacheHits: 0,
    coalesceCacheMisses: 0,
    semaphoreRejections: 0,
    percentiles: {},
    latencyTimes: [],
  };
}
