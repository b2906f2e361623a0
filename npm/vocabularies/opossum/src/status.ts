import { EventEmitter } from 'node:events';
import { readBuckets, readController, readerOf, readMilliseconds } from './reading.ts';

/** What is counted in one step of the window. */
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
  /** Milliseconds, one for each success, failure and timeout. */
  latencyTimes: number[];
  /** Whether the circuit opened, or closed, last; undefined where it did neither. */
  isCircuitBreakerOpen?: boolean;
}

/** The window, newest step first. */
export type Window = Bucket[];

/** What the window holds in all. */
export interface Stats extends Omit<Bucket, 'isCircuitBreakerOpen'> {
  /** Milliseconds; -1 where percentiles are off. */
  latencyMean: number;
}

/** What tells when the next step of the window begins, by an event `rotate`. */
export interface RotateBucketController {
  on(event: 'rotate', listener: () => void): unknown;
  removeListener(event: 'rotate', listener: () => void): unknown;
}

/** How a status counts. */
export interface StatusOptions {
  /** In how many steps the window moves. Default 10. */
  readonly rollingCountBuckets?: number | undefined;
  /** How far back the window looks, in milliseconds. Default 10 000. */
  readonly rollingCountTimeout?: number | undefined;
  /** Whether latencies are kept. Default true. */
  readonly rollingPercentilesEnabled?: boolean | undefined;
  /** Whether there are `snapshot` events. Default true. */
  readonly enableSnapshots?: boolean | undefined;
  /** Moves the window instead of time. */
  readonly rotateBucketController?: RotateBucketController | undefined;
  /** What the window holds to begin with. */
  readonly stats?: Partial<Stats> | undefined;
}

/** The events of a status. */
export interface StatusEvents {
  /** The stats, once in each step of the window. */
  snapshot: [stats: Stats];
}

const BUCKETS = 10;
const DURATION = 10_000;
const PERCENTILES = [0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 1];

/** The counts of one breaker, or of several that share it, over the last while. */
export class Status extends EventEmitter<StatusEvents> {
  readonly #period: number;
  readonly #percentilesEnabled: boolean;
  readonly #snapshotsEnabled: boolean;
  readonly #controller: RotateBucketController | undefined;
  readonly #window: Window;
  readonly #born = Date.now();
  readonly #rotate = (): void => this.#rotateBy(1);
  #controlled = false;
  /** How many steps the window has moved since something was counted. */
  #idle: number;
  #step = 0;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  /** @throws {BreakerOptionsError} with everything that is wrong with the options; other names are let through. */
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
    if (stats !== undefined) prime(this.#counting(), stats as Partial<Stats>);
    this.startListeneningForRotateEvent();
  }

  /** What the window holds in all. Latencies are in order of size. */
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

  /** The steps of the window, newest first. */
  get window(): Window {
    return this.#window.slice();
  }

  /** How many calls the window holds. */
  get fires(): number {
    return this.#window.reduce((total, { fires }) => total + fires, 0);
  }

  /** Failures for each hundred calls in the window; NaN where there are none. */
  get errorPercentage(): number {
    let fires = 0;
    let failures = 0;
    for (const bucket of this.#window) {
      fires += bucket.fires;
      failures += bucket.failures;
    }
    return (failures / fires) * 100;
  }

  /** Counts one more. */
  increment(property: Counter, latencyRunTime?: number): void {
    const bucket = this.#counting();
    bucket[property]++;
    if (this.#percentilesEnabled && MEASURED.has(property)) bucket.latencyTimes.push(latencyRunTime ?? 0);
  }

  /** Notes that the circuit opened. */
  open(): void {
    this.#counting().isCircuitBreakerOpen = true;
  }

  /** Notes that the circuit closed. */
  close(): void {
    this.#counting().isCircuitBreakerOpen = false;
  }

  /** Moves no more, and tells nobody. */
  shutdown(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.removeRotateBucketControllerListener();
    this.removeAllListeners();
  }

  /** Stops following the controller of the window, if there is one. */
  removeRotateBucketControllerListener(): void {
    if (!this.#controlled) return;
    this.#controlled = false;
    this.#controller?.removeListener('rotate', this.#rotate);
  }

  /** Follows the controller of the window, if there is one. */
  startListeneningForRotateEvent(): void {
    if (this.#controller === undefined || this.#controlled) return;
    this.#controlled = true;
    this.#controller.on('rotate', this.#rotate);
  }

  override on<Name extends keyof StatusEvents>(event: Name, listener: (...args: StatusEvents[Name]) => void): this {
    super.on(event, listener as never);
    this.#watch();
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
    this.#watch();
    return this;
  }

  /** The step that counts now. */
  #counting(): Bucket {
    this.#idle = 0;
    this.#watch();
    return this.#window[0] as Bucket;
  }

  /** A timer runs only while there is something in the window that time takes out, or somebody wants snapshots. */
  #watch(): void {
    if (this.#timer !== undefined || this.#ended || !this.#moves()) return;
    const age = Date.now() - this.#born;
    this.#step = Math.max(this.#step, Math.floor(age / this.#period));
    // Where the time of day was set back, the next step is not further off than any other.
    this.#timer = setTimeout(() => this.#tick(), Math.min(this.#period, (this.#step + 1) * this.#period - age));
    this.#timer.unref?.();
  }

  #moves(): boolean {
    const expires = this.#controller === undefined && this.#idle < this.#window.length;
    return expires || (this.#snapshotsEnabled && this.listenerCount('snapshot') > 0);
  }

  #tick(): void {
    this.#timer = undefined;
    const step = Math.max(this.#step + 1, Math.floor((Date.now() - this.#born) / this.#period));
    if (this.#controller === undefined) this.#rotateBy(step - this.#step);
    this.#step = step;
    if (this.#snapshotsEnabled && this.listenerCount('snapshot') > 0) this.emit('snapshot', this.stats);
    this.#watch();
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

/** What is counted. */
export type Counter = (typeof COUNTERS)[number];

/** What takes time. */
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

/** Puts what was counted elsewhere into a bucket. */
function prime(bucket: Bucket, stats: Partial<Stats>): void {
  for (const name of COUNTERS) bucket[name] = count(stats[name]);
  bucket.percentiles = { ...stats.percentiles };
  bucket.latencyTimes = Array.isArray(stats.latencyTimes) ? stats.latencyTimes.map(count) : [];
}

/** What is no finite number counts for nothing. */
function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

/** The smallest of the sorted values that so great a share of them does not exceed; 0 where there are none. */
function nearestRank(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
