import { EventEmitter } from 'node:events';
import { INTERNALS, setInternals } from './internals.ts';
import { readBuckets, readController, readerOf, readMilliseconds } from './reader.ts';
import { COUNTERS, emptyBucket, RollingWindow } from './window.ts';
import type { Bucket, Counter, FullBucket, Window, WindowOwner } from './window.ts';

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
  rollingCountBuckets?: number | undefined;
  /** Length of the window, in milliseconds. Default 10 000. */
  rollingCountTimeout?: number | undefined;
  /** Whether the stats have percentiles of the latencies. Default true. */
  rollingPercentilesEnabled?: boolean | undefined;
  /** Whether the status emits `snapshot`. Default true. */
  enableSnapshots?: boolean | undefined;
  /** Emitter whose `rotate` events move the window, instead of time. */
  rotateBucketController?: RotateBucketController | undefined;
  /** Counts to start with. */
  stats?: Partial<Stats> | undefined;
}

/** Events of a status with their arguments. */
export interface StatusEvents {
  /** The status has stats for a listener: once per bucket of the window. */
  snapshot: [stats: Stats];
}

const BUCKETS = 10;
const DURATION = 10_000;
const PERCENTILES = [0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 1];

/** State behind a status. */
interface Internals {
  readonly window: RollingWindow;
  emitsSnapshots: boolean;
  /** Emitter whose `rotate` events move the window now. */
  followed: RotateBucketController | undefined;
}

/** Rolling window with the counts of one breaker, or of several that share it. */
export class Status extends EventEmitter {
  /** Whether the stats have percentiles of the latencies. No latency is kept while they have not. */
  rollingPercentilesEnabled: boolean;

  /** Emitter whose `rotate` events move the window, instead of time. */
  rotateBucketController: RotateBucketController | undefined;

  /** Moves the window by one bucket. */
  readonly rotateBucket: () => void;

  /** @internal */
  declare readonly [INTERNALS]: () => Internals;

  /** @throws {OptionsError} with every invalid option. Unknown options are ignored. */
  constructor(options: StatusOptions = {}) {
    super();
    const reader = readerOf('Status', 'of a breaker', options);
    const buckets = readBuckets(reader) || BUCKETS;
    const duration = readMilliseconds(reader, 'rollingCountTimeout') || DURATION;
    this.rollingPercentilesEnabled = reader.boolean('rollingPercentilesEnabled') ?? true;
    const emitsSnapshots = reader.boolean('enableSnapshots') ?? true;
    this.rotateBucketController = readController(reader) as RotateBucketController | undefined;
    const stats = reader.value('stats');
    if (stats !== undefined && typeof stats !== 'object') reader.report('stats', 'type', 'the stats of a breaker');
    reader.rest();
    reader.finish();
    const isRotatedByHand = this.rotateBucketController !== undefined;
    const window = new RollingWindow(ownerOf(this), { buckets, duration, isRotatedByHand });
    this.rotateBucket = () => window.rotate();
    setInternals(this, { window, emitsSnapshots, followed: undefined } satisfies Internals);
    if (stats !== undefined) prime(window.change(), stats as Partial<Stats>);
    this.startListeneningForRotateEvent();
  }

  /** Whether the status emits `snapshot`. */
  get enableSnapshots(): boolean {
    return this[INTERNALS]().emitsSnapshots;
  }

  set enableSnapshots(enabled: boolean) {
    const internals = this[INTERNALS]();
    internals.emitsSnapshots = enabled;
    internals.window.startTimer();
  }

  /** Sums over all buckets of the window. Latencies are sorted. */
  get stats(): Stats {
    const { buckets } = this[INTERNALS]().window;
    const totals = emptyBucket();
    for (const bucket of buckets) {
      for (const name of COUNTERS) totals[name] += bucket[name];
    }
    if (!this.rollingPercentilesEnabled) {
      for (const percentile of PERCENTILES) totals.percentiles[percentile] = -1;
      return { ...totals, latencyMean: -1 };
    }
    const latencyTimes = buckets.flatMap((bucket) => bucket.latencyTimes).sort((a, b) => a - b);
    for (const percentile of PERCENTILES) totals.percentiles[percentile] = nearestRank(latencyTimes, percentile);
    const sum = latencyTimes.reduce((total, latency) => total + latency, 0);
    return { ...totals, latencyTimes, latencyMean: latencyTimes.length === 0 ? 0 : sum / latencyTimes.length };
  }

  /** Buckets of the window, newest first. */
  get window(): Window {
    return this[INTERNALS]().window.buckets.slice();
  }

  /** How many calls the window has. */
  get fires(): number {
    return this[INTERNALS]().window.buckets.reduce((total, { fires }) => total + fires, 0);
  }

  /** Percentage of failures among the calls in the window; NaN without calls. */
  get errorPercentage(): number {
    let fires = 0;
    let failures = 0;
    for (const bucket of this[INTERNALS]().window.buckets) {
      fires += bucket.fires;
      failures += bucket.failures;
    }
    return (failures / fires) * 100;
  }

  /** Adds one to a counter, and a latency in milliseconds to the percentiles. */
  increment(property: Counter, latencyRunTime?: number): void {
    const bucket = this[INTERNALS]().window.change();
    bucket[property]++;
    if (this.rollingPercentilesEnabled && MEASURED.has(property)) bucket.latencyTimes.push(latencyRunTime ?? 0);
  }

  /** Records that the circuit opened. */
  open(): void {
    this[INTERNALS]().window.change().isCircuitBreakerOpen = true;
  }

  /** Records that the circuit closed. */
  close(): void {
    this[INTERNALS]().window.change().isCircuitBreakerOpen = false;
  }

  /** Stops the window, and removes all listeners. */
  shutdown(): void {
    this[INTERNALS]().window.end();
    this.removeRotateBucketControllerListener();
    this.removeAllListeners();
  }

  /** Stops following the `rotateBucketController`, if there is one. */
  removeRotateBucketControllerListener(): void {
    const internals = this[INTERNALS]();
    internals.followed?.removeListener('rotate', this.rotateBucket);
    internals.followed = undefined;
  }

  /** Follows the `rotateBucketController`, if there is one. */
  startListeneningForRotateEvent(): void {
    const internals = this[INTERNALS]();
    if (internals.followed !== undefined) return;
    internals.followed = this.rotateBucketController;
    internals.followed?.on('rotate', this.rotateBucket);
  }

  override on<Name extends keyof StatusEvents>(event: Name, listener: (...args: StatusEvents[Name]) => void): this {
    super.on(event, listener as never);
    this[INTERNALS]().window.startTimer();
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
    this[INTERNALS]().window.startTimer();
    return this;
  }
}

/** Returns what the window of a status has to know about it. */
function ownerOf(status: Status): WindowOwner {
  return {
    get wantsSteps() {
      return status.enableSnapshots && status.listenerCount('snapshot') > 0;
    },
    onStep: () => void status.emit('snapshot', status.stats),
  };
}

/** Counters with latencies. */
const MEASURED: ReadonlySet<Counter> = new Set(['successes', 'failures', 'timeouts']);

/** Fills a bucket with the option `stats`. */
function prime(bucket: FullBucket, stats: Partial<Stats>): void {
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
