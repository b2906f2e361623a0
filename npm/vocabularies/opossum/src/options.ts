import type { AnyValue } from './any-value.ts';
import type { RotateBucketController, Stats, Status } from './status.ts';
import { LARGEST_CACHE, MemoryCache } from './cache.ts';
import type { CacheTransport } from './cache.ts';
import { hasFunctions, LONGEST, readBuckets, readController, readCount, readerOf, readMilliseconds } from './reader.ts';
import type { Reader } from './reader.ts';

/** Outcome after which a coalesced call is no longer shared. */
export type CoalesceReset = 'error' | 'success' | 'timeout';

/**
 * Options of a breaker, as opossum names them. The constructor rejects values of the wrong type or out of range. It
 * ignores null, and reads a text that holds a number as the number. It keeps unknown options, because other tools read
 * options of their own.
 */
export interface Options<Arguments extends unknown[] = unknown[]> {
  /** Status that counts the calls, or stats to start with: `status` of what `toJSON` returned. Default: a new status. */
  status?: Status | Partial<Stats> | undefined;
  /** Longest duration of the action, in milliseconds: up to 2 147 483 647; 0 or false for no limit. Default 10 000. */
  timeout?: number | false | undefined;
  /** @deprecated Has no effect but a message on the console. Use `errorThresholdPercentage`. */
  maxFailures?: number | undefined;
  /** Milliseconds from open to half-open: 0 to 2 147 483 647. Default 30 000. */
  resetTimeout?: number | undefined;
  /** Length of the window, in milliseconds: 0 to 2 147 483 647; 0 for the default. Default 10 000. */
  rollingCountTimeout?: number | undefined;
  /** Number of buckets of the window: 0 to 100 000; 0 for the default. Default 10. */
  rollingCountBuckets?: number | undefined;
  /** Name of the breaker. Default: the name of the action, or else a UUID. */
  name?: string | undefined;
  /** Group of the breaker. Default: its name. */
  group?: string | undefined;
  /** Whether `stats` has percentiles of the latencies. Default true. */
  rollingPercentilesEnabled?: boolean | undefined;
  /** Largest number of actions that run at the same time: a whole number from 0. Default: no limit. */
  capacity?: number | undefined;
  /** Percentage of failed calls in the window above which the circuit opens: from 0. Default 50. */
  errorThresholdPercentage?: number | undefined;
  /** Whether the breaker protects from the start. Default true. */
  enabled?: boolean | undefined;
  /** Whether no failure opens the circuit for the first `rollingCountTimeout`. Default false. */
  allowWarmUp?: boolean | undefined;
  /** Number of calls in the window below which the circuit does not open: a whole number from 0. Default 0. */
  volumeThreshold?: number | undefined;
  /** Returns true for an error that counts as a success; the call still rejects with it. Default: false for all. */
  errorFilter?: ((error: AnyValue, ...args: Arguments) => boolean) | undefined;
  /** Whether later calls with the same arguments receive the same result. Default false. */
  cache?: boolean | undefined;
  /** Lifetime of a cached result, in milliseconds; 0 for no limit. Default 0. */
  cacheTTL?: number | undefined;
  /** Largest number of cached results. Default 16 777 215. */
  cacheSize?: number | undefined;
  /** Returns the cache key of a call. Default: the arguments as JSON. */
  cacheGetKey?: ((...args: Arguments) => string) | undefined;
  /** Cache of the results. Default: in memory. */
  cacheTransport?: CacheTransport | undefined;
  /** Whether calls with the same arguments share one running action. Default false. */
  coalesce?: boolean | undefined;
  /** Longest time to share an action, in milliseconds. Default: `timeout`, or 10 000 without one. */
  coalesceTTL?: number | undefined;
  /** Largest number of shared actions. Default 16 777 215. */
  coalesceSize?: number | undefined;
  /** Outcomes that end the sharing sooner. Unknown words have no effect. Default: none. */
  coalesceResetOn?: readonly CoalesceReset[] | undefined;
  /** Controller that the breaker aborts when the action exceeds the timeout. */
  abortController?: AbortController | undefined;
  /** Whether a new controller replaces an aborted one when the circuit becomes half-open or closed. Default false. */
  autoRenewAbortController?: boolean | undefined;
  /** Whether the status emits `snapshot`. Default true. */
  enableSnapshots?: boolean | undefined;
  /** Emitter whose `rotate` events move the window, instead of time. */
  rotateBucketController?: RotateBucketController | undefined;
  /** State to start with: `state` of what another breaker's `toJSON` returned. */
  state?: Partial<State> | undefined;
}

/** State of a breaker, as plain data. */
export interface State {
  name: string;
  enabled: boolean;
  closed: boolean;
  open: boolean;
  halfOpen: boolean;
  warmUp: boolean;
  shutdown: boolean;
  /** Start of the last open time, or else of the breaker, in milliseconds since 1970. */
  lastTimerAt: number;
}

/** Validated options with their defaults, under the same names. */
export interface Settings {
  status: Status | Partial<Stats> | undefined;
  timeout: number | false;
  resetTimeout: number;
  rollingCountTimeout: number;
  rollingCountBuckets: number;
  name: string | undefined;
  group: string | undefined;
  rollingPercentilesEnabled: boolean;
  capacity: number;
  errorThresholdPercentage: number;
  enabled: boolean;
  allowWarmUp: boolean;
  volumeThreshold: number;
  errorFilter: (error: unknown, ...args: unknown[]) => unknown;
  cache: boolean;
  cacheTTL: number;
  cacheSize: number;
  cacheGetKey: (...args: unknown[]) => string;
  /** Set if `cache` is. */
  cacheTransport: CacheTransport | undefined;
  coalesce: boolean;
  coalesceTTL: number;
  coalesceSize: number;
  /** Running actions that calls share. Set if `coalesce` is. */
  coalesceCache: MemoryCache | undefined;
  coalesceResetOn: CoalesceReset[];
  abortController: AbortController | undefined;
  autoRenewAbortController: boolean;
  enableSnapshots: boolean;
  rotateBucketController: RotateBucketController | undefined;
  state: Partial<State> | undefined;
  [other: string]: unknown;
}

const TIMEOUT = 10_000;
const RESET_TIMEOUT = 30_000;
const WINDOW_LENGTH = 10_000;
const BUCKETS = 10;
const ERROR_THRESHOLD = 50;
const RESETS: readonly unknown[] = ['error', 'success', 'timeout'] satisfies CoalesceReset[];

/**
 * Returns validated options.
 *
 * @param name of the breaker in errors, if the options have none.
 * @throws {OptionsError} with every invalid option.
 */
export function readSettings(options: unknown, name: string): Settings {
  const reader = readerOf('Circuit breaker', name, options);
  const timeout = readTimeout(reader);
  const cache = reader.boolean('cache') ?? false;
  const cacheSize = readAmount(reader, 'cacheSize') ?? LARGEST_CACHE;
  const cacheTransport = reader.value('cacheTransport') as CacheTransport | undefined;
  const coalesce = reader.boolean('coalesce') ?? false;
  const coalesceSize = readAmount(reader, 'coalesceSize') ?? LARGEST_CACHE;
  const settings: Settings = {
    status: readStatus(reader),
    timeout,
    resetTimeout: readMilliseconds(reader, 'resetTimeout') ?? RESET_TIMEOUT,
    rollingCountTimeout: readMilliseconds(reader, 'rollingCountTimeout') ?? WINDOW_LENGTH,
    rollingCountBuckets: readBuckets(reader) ?? BUCKETS,
    name: readName(reader, options),
    group: readGroup(reader),
    rollingPercentilesEnabled: reader.boolean('rollingPercentilesEnabled') ?? true,
    capacity: Math.min(readCount(reader, 'capacity') ?? Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
    errorThresholdPercentage: readAmount(reader, 'errorThresholdPercentage') ?? ERROR_THRESHOLD,
    enabled: reader.boolean('enabled') ?? true,
    allowWarmUp: reader.boolean('allowWarmUp') ?? false,
    volumeThreshold: readCount(reader, 'volumeThreshold') ?? 0,
    errorFilter: (reader.callable('errorFilter') as Settings['errorFilter'] | undefined) ?? (() => false),
    cache,
    cacheTTL: readAmount(reader, 'cacheTTL') ?? 0,
    cacheSize,
    cacheGetKey: (reader.callable('cacheGetKey') as Settings['cacheGetKey'] | undefined) ?? asJson,
    cacheTransport: cache ? (cacheTransport ?? new MemoryCache(cacheSize)) : cacheTransport,
    coalesce,
    coalesceTTL: readAmount(reader, 'coalesceTTL') ?? (timeout || TIMEOUT),
    coalesceSize,
    coalesceCache: coalesce ? new MemoryCache(coalesceSize) : undefined,
    coalesceResetOn: readResets(reader),
    abortController: reader.value('abortController') as AbortController | undefined,
    autoRenewAbortController: reader.boolean('autoRenewAbortController') ?? false,
    enableSnapshots: reader.boolean('enableSnapshots') ?? true,
    rotateBucketController: readController(reader) as RotateBucketController | undefined,
    state: readState(reader),
  };
  const others = reader.rest();
  reader.finish();
  if (others['maxFailures']) warnOfMaxFailures();
  checkObjects(settings);
  return { ...others, ...settings };
}

/**
 * Returns the settings for users to read and to change. A new value is validated like that of the constructor. It takes
 * effect with the next call, or the next open time.
 *
 * @param name of the breaker in errors.
 */
export function adjustable(settings: Settings, name: string): Settings {
  return new Proxy(settings, {
    set(target, option, value: unknown) {
      const { cache } = target;
      const isRead = typeof option === 'string' && option !== 'coalesceCache';
      return Reflect.set(target, option, isRead ? readSettings({ cache, [option]: value }, name)[option] : value);
    },
  });
}

/** Returns the name in full: the reader has only the part of it that fusewire accepts. */
function readName(reader: Reader, options: unknown): string | undefined {
  return reader.value('name') === undefined ? undefined : (options as { name: string }).name;
}

function readTimeout(reader: Reader): number | false {
  if (reader.value('timeout') === false) return false;
  const expected = `a number of milliseconds from 0 to ${LONGEST}, or false`;
  return reader.number('timeout', 0, LONGEST, expected) ?? TIMEOUT;
}

function readAmount(reader: Reader, option: string): number | undefined {
  return reader.number(option, 0, Number.POSITIVE_INFINITY, 'a number from 0');
}

function readGroup(reader: Reader): string | undefined {
  const group = reader.value('group');
  if (group !== undefined && typeof group !== 'string') reader.report('group', 'type', 'a string');
  return group === '' ? undefined : (group as string | undefined);
}

function readStatus(reader: Reader): Settings['status'] {
  const status = reader.value('status');
  if (status === undefined || typeof status === 'object') return status as Settings['status'];
  reader.report('status', 'type', 'what CircuitBreaker.newStatus returned, or toJSON as status');
  return undefined;
}

function readResets(reader: Reader): CoalesceReset[] {
  const resets = reader.value('coalesceResetOn');
  if (resets === undefined) return [];
  if (Array.isArray(resets)) return resets.filter((reset) => RESETS.includes(reset));
  reader.report('coalesceResetOn', 'type', 'an array of the words error, success and timeout');
  return [];
}

function readState(reader: Reader): Partial<State> | undefined {
  const state = reader.value('state');
  if (state === undefined || typeof state === 'object') return state as Partial<State> | undefined;
  reader.report('state', 'type', 'what toJSON returned as state');
  return undefined;
}

/** Rejects the objects that opossum rejects, with the messages of opossum. */
function checkObjects({ cache, cacheTransport, abortController }: Settings): void {
  if (cache && cacheTransport !== undefined && !hasFunctions(cacheTransport, ['get', 'set', 'flush'])) {
    throw new TypeError('options.cacheTransport should be an object with `get`, `set` and `flush` methods');
  }
  if (abortController !== undefined && !hasFunctions(abortController, ['abort'])) {
    throw new TypeError('AbortController does not contain `abort()` method');
  }
}

function warnOfMaxFailures(): void {
  console.error('options.maxFailures is deprecated. Please use options.errorThresholdPercentage');
}

function asJson(...args: unknown[]): string {
  return JSON.stringify(args);
}
