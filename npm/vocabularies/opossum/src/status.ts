import { EventEmitter } from 'node:events';
import { readBuckets, readController, readerOf, readMilliseconds } from './reader.ts';

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
  coalesceCacheHits: number;
  coalesceCacheMisses: number;
  semaphoreRejections: number;
  percentiles: { [percentile: number]: number };
  /** Milliseconds of each success, failure and timeout. */
  latencyTimes: number[];
  /** Whether the last transition in this step opened the circuit; undefined if it neither opened nor closed. */
  isCircuitBreakerOpen?: boolean;
}

/** Buckets of the window, newest first. */
export type Window = Bucket[];

/** Sums over all buckets of the window. */
export interface Stats extends Omit<Bucket, 'isCircuitBreakerOpen'> {
  /** Mean latency in milliseconds; -1 if percentiles are disabled. */
  latencyMean: number;
}

/** Emitter of `rotate`, an event that starts the next bucket of the window. */
export interface RotateBucketController {
  on(event: 'rotate', listener: () => void): unknown;
  removeListener(event: 'rotate', listener: () => void): unknown;
}

/** Options of a status. */
export interface StatusOptions {
  /** Number of buckets of the window. Default 10. */
  readonly rollingCountBuckets?: number | undefined;
  /** Length of the window, in milliseconds. Default 10 000. */
  readonly rollingCountTimeout?: number | undefined;
  /** Whether the stats have percentiles of the latencies. Default true. */
  readonly rollingPercentilesEnabled?: boolean | undefined;
  /** Whether the status emits `snapshot`. Default true. */
  readonly enableSnapshots?: boolean | undefined;
  /** Emitter whose `rotate` events move the window, instead of time. */
  readonly rotateBucketController?: RotateBucketController | undefined;
  /** Counts to start with. */
  readonly stats?: Partial<Stats> | undefined;
}

/** Events of a status with their arguments. */
export interface StatusEvents {
  /** The status has stats for a listener: once per bucket of the window. */
  snapshot: [stats: Stats];
}

const BUCKETS = 10;
const DURATION = 10_000;
const PERCENTILES = [0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 1];

/** Rolling window with the counts of one breaker, or of several that share it. */
export class Status extends EventEmitter<StatusEvents> {
  readonly #period: number;
  readonly #percentilesEnabled: boolean;
  readonly #snapshotsEnabled: boolean;
  readonly #controller: RotateBucketController | undefined;
  readonly #window: Window;
  readonly #createdAt = Date.now();
  readonly #rotate = (): void => this.#rotateBy(1);
  #followsController = false;
  /** Number of steps that the window has moved since the last count. */
  #idle: number;
  #step = 0;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  /** @throws {BreakerOptionsError} with every invalid option. Unknown options are ignored. */
  constructor(options: StatusOptions = {}) {
    super();
    const reader = readerOf('Status', 'of a breaker', options);
    const buckets = readBuckets(reader) || BUCKETS;
    const duration = readMilliseconds(reader, 'rollingCountTimeout') || DURATION;
    this.#percentilesEnabled = reader.boolean('rollingPercentilesEnabled') ?? true;
    this.#snapshotsEnabled = reader.boolean('enableSnapshots') ?? true;
    this.#controller = readController(reader) as RotateBucketController | undefined;
    const stats = reader.value('stats');
    if (stats !== undefined && typeof stats !== 'object') reader.report('stats', 'type', 'the stats of a breaker');
    reader.rest();
    reader.finish();
    this.#period = Math.max(1, duration / buckets);
    this.#window = Array.from({ length: buckets }, emptyBucket);
    this.#idle = buckets;
    if (stats !== undefined) prime(this.#currentBucket(), stats as Partial<Stats>);
    this.startListeneningForRotateEvent();
  }

  /** Sums over all buckets of the window. Latencies are sorted. */
  get stats(): Stats {
    const totals = emptyBucket();
    for (const bucket of this.#window) {
      for (const name of COUNTERS) totals[name] += bucket[name];
    }
    if (!this.#percentilesEnabled) {
      for (const percentile of PERCENTILES) totals.percentiles[percentile] = -1;
      return { ...totals, latencyMean: -1 };
    }
    const latencyTimes = this.#window.flatMap((bucket) => bucket.latencyTimes).sort((a, b) => a - b);
    for (const percentile of PERCENTILES) totals.percentiles[percentile] = nearestRank(latencyTimes, percentile);
    const sum = latencyTimes.reduce((total, latency) => total + latency, 0);
    return { ...totals, latencyTimes, latencyMean: latencyTimes.length === 0 ? 0 : sum / latencyTimes.length };
  }

  /** Buckets of the window, newest first. */
  get window(): Window {
    return this.#window.slice();
  }

  /** How many calls the window has. */
  get fires(): number {
    return this.#window.reduce((total, { fires }) => total + fires, 0);
  }

  /** Percentage of failures among the calls in the window; NaN without calls. */
  get errorPercentage(): number {
    let fires = 0;
    let failures = 0;
    for (const bucket of this.#window) {
      fires += bucket.fires;
      failures += bucket.failures;
    }
    return (failures / fires) * 100;
  }

  /** Adds one to a counter, and a latency in milliseconds to the percentiles. */
  increment(property: Counter, latencyRunTime?: number): void {
    const bucket = this.#currentBucket();
    bucket[property]++;
    if (this.#percentilesEnabled && MEASURED.has(property)) bucket.latencyTimes.push(latencyRunTime ?? 0);
  }

  /** Records that the circuit opened. */
  open(): void {
    this.#currentBucket().isCircuitBreakerOpen = true;
  }

  /** Records that the circuit closed. */
  close(): void {
    this.#currentBucket().isCircuitBreakerOpen = false;
  }

  /** Stops the window, and removes all listeners. */
  shutdown(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.removeRotateBucketControllerListener();
    this.removeAllListeners();
  }

  /** Stops following the `rotateBucketController`, if there is one. */
  removeRotateBucketControllerListener(): void {
    if (!this.#followsController) return;
    this.#followsController = false;
    this.#controller?.removeListener('rotate', this.#rotate);
  }

  /** Follows the `rotateBucketController`, if there is one. */
  startListeneningForRotateEvent(): void {
    if (this.#controller === undefined || this.#followsController) return;
    this.#followsController = true;
    this.#controller.on('rotate', this.#rotate);
  }

  override on<Name extends keyof StatusEvents>(event: Name, listener: (...args: StatusEvents[Name]) => void): this {
    super.on(event, listener as never);
    this.#startTimer();
    return this;
  }

  override addListener<Name extends keyof StatusEvents>(
    event: Name,
    listener: (...args: StatusEvents[Name]) => void,
  ): this {
    return this.on(event, listener);
  }

  override prependListener<Name extends keyof StatusEvents>(
    event: Name,
    listener: (...args: StatusEvents[Name]) => void,
  ): this {
    super.prependListener(event, listener as never);
    this.#startTimer();
    return this;
  }

  /** Returns the newest bucket, to change it. */
  #currentBucket(): Bucket {
    this.#idle = 0;
    this.#startTimer();
    return this.#window[0] as Bucket;
  }

  /** Starts the timer of the next step, if the window has counts that will expire, or `snapshot` has a listener. */
  #startTimer(): void {
    if (this.#timer !== undefined || this.#ended || !this.#needsTimer()) return;
    const age = Date.now() - this.#createdAt;
    this.#step = Math.max(this.#step, Math.floor(age / this.#period));
    // If the wall clock was set back, the next step still comes within one period.
    this.#timer = setTimeout(() => this.#tick(), Math.min(this.#period, (this.#step + 1) * this.#period - age));
    this.#timer.unref?.();
  }

  #needsTimer(): boolean {
    const expires = this.#controller === undefined && this.#idle < this.#window.length;
    return expires || (this.#snapshotsEnabled && this.listenerCount('snapshot') > 0);
  }

  #tick(): void {
    this.#timer = undefined;
    const step = Math.max(this.#step + 1, Math.floor((Date.now() - this.#createdAt) / this.#period));
    if (this.#controller === undefined) this.#rotateBy(step - this.#step);
    this.#step = step;
    if (this.#snapshotsEnabled && this.listenerCount('snapshot') > 0) this.emit('snapshot', this.stats);
    this.#startTimer();
  }

  #rotateBy(steps: number): void {
    const rotations = Math.min(steps, this.#window.length);
    for (let rotation = 0; rotation < rotations; rotation++) {
      this.#window.pop();
      this.#window.unshift(emptyBucket());
    }
    this.#idle += rotations;
  }
}

const COUNTERS = [
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

/** Counters with latencies. */
const MEASURED: ReadonlySet<Counter> = new Set(['successes', 'failures', 'timeouts']);

function emptyBucket(): Bucket {
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

/** Fills a bucket with the option `stats`. */
function prime(bucket: Bucket, stats: Partial<Stats>): void {
  for (const name of COUNTERS) bucket[name] = finiteOrZero(stats[name]);
  bucket.percentiles = { ...stats.percentiles };
  bucket.latencyTimes = Array.isArray(stats.latencyTimes) ? stats.latencyTimes.map(finiteOrZero) : [];
}

/** Returns the value, or 0 if it is no finite number. */
function finiteOrZero(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

/** Returns the percentile of sorted values by the nearest-rank method; 0 without values. */
function nearestRank(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
