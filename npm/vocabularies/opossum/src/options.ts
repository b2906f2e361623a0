import type { Anything } from './anything.ts';
import { Status } from './status.ts';
import type { RotateBucketController } from './status.ts';
import type { CacheTransport } from './cache.ts';
import { hasFunctions, LONGEST, readBuckets, readController, readerOf, readMilliseconds } from './reading.ts';
import type { Reader } from './reading.ts';

/** A reason to forget a coalesced call as soon as it has ended. */
export type CoalesceReset = 'error' | 'success' | 'timeout';

/**
 * How a breaker behaves. What is of the wrong type or out of range is refused, all of it in one error; null is as good as
 * nothing. Other names are let through, for tools beside the breaker read options of their own.
 */
export interface Options<Arguments extends unknown[] = unknown[]> {
  /** What the breaker counts in. Default: a window of its own. */
  status?: Status | null | undefined;
  /** Milliseconds that the action may take: 0 to 2 147 483 647, or 0 or false for as long as it likes. Default 10 000. */
  timeout?: number | false | null | undefined;
  /** @deprecated Says so on the console, and does nothing else: use `errorThresholdPercentage`. */
  maxFailures?: number | null | undefined;
  /** Milliseconds from opening to half-open: 0 to 2 147 483 647. Default 30 000. */
  resetTimeout?: number | null | undefined;
  /** How far back the window looks, in milliseconds. Default 10 000, which 0 means too. */
  rollingCountTimeout?: number | null | undefined;
  /** In how many steps the window moves: up to 100 000. Default 10, which 0 means too. */
  rollingCountBuckets?: number | null | undefined;
  /** Names the breaker. Default: the name of the action, or else a UUID. */
  name?: string | null | undefined;
  /** Names the group of the breaker. Default: the name. */
  group?: string | null | undefined;
  /** Whether latencies are kept for `stats`. Default true. */
  rollingPercentilesEnabled?: boolean | null | undefined;
  /** How many actions may run at once: from 0. Default: any number. */
  capacity?: number | null | undefined;
  /** The circuit opens when more than this share of the calls in the window has failed: from 0. Default 50. */
  errorThresholdPercentage?: number | null | undefined;
  /** Whether the breaker protects from the start. Default true. */
  enabled?: boolean | null | undefined;
  /** Whether the circuit stays closed for the first `rollingCountTimeout`, whatever fails. Default false. */
  allowWarmUp?: boolean | null | undefined;
  /** How many calls the window must hold before the circuit opens: from 0. Default 0. */
  volumeThreshold?: number | null | undefined;
  /** Whether an error is none of the dependency's: it counts as a success, and the caller gets it. Default: none is. */
  errorFilter?: ((error: Anything, ...args: Arguments) => unknown) | null | undefined;
  /** Whether results are kept for later calls with the same arguments. Default false. */
  cache?: boolean | null | undefined;
  /** How long a result is kept, in milliseconds. Default 0: for ever. */
  cacheTTL?: number | null | undefined;
  /** How many results are kept. Default 16 777 216. */
  cacheSize?: number | null | undefined;
  /** What tells calls apart. Default: the arguments as JSON. */
  cacheGetKey?: ((...args: Arguments) => string) | null | undefined;
  /** Where results are kept. Default: in memory. */
  cacheTransport?: CacheTransport | null | undefined;
  /** Whether calls with the same arguments share one run of the action. Default false. */
  coalesce?: boolean | null | undefined;
  /** For how long, in milliseconds. Default: the `timeout`, or 10 000 where there is none. */
  coalesceTTL?: number | null | undefined;
  /** How many runs are remembered. Default 16 777 216. */
  coalesceSize?: number | null | undefined;
  /** What ends it sooner. Other words than these do nothing. Default: nothing does. */
  coalesceResetOn?: readonly CoalesceReset[] | null | undefined;
  /** Aborted when the action takes longer than it may. */
  abortController?: AbortController | null | undefined;
  /** Whether an aborted controller gives way to a new one when the circuit becomes half-open or closed. Default false. */
  autoRenewAbortController?: boolean | null | undefined;
  /** Whether the status has `snapshot` events. Default true. */
  enableSnapshots?: boolean | null | undefined;
  /** Moves the window by its `rotate` events, instead of time. */
  rotateBucketController?: RotateBucketController | null | undefined;
  /** The state that another breaker was in: what its `toJSON` returned under that name. */
  state?: Partial<State> | null | undefined;
}

/** The state of a breaker, as plain data. */
export interface State {
  name: string;
  enabled: boolean;
  closed: boolean;
  open: boolean;
  halfOpen: boolean;
  warmUp: boolean;
  shutdown: boolean;
  /** When the open time began last, in milliseconds since 1970; when the breaker was made, if it never did. */
  lastTimerAt: number;
}

/** Options that have been read, under their own names. */
export interface Settings {
  status: Status | undefined;
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
  cacheTransport: CacheTransport | undefined;
  coalesce: boolean;
  coalesceTTL: number;
  coalesceSize: number;
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
const WINDOW = 10_000;
const BUCKETS = 10;
const ERROR_THRESHOLD = 50;
const CACHE_SIZE = 2 ** 24;
const RESETS: readonly unknown[] = ['error', 'success', 'timeout'] satisfies CoalesceReset[];

/**
 * Reads options, which may be anything.
 *
 * @param name what an error calls a breaker that is given no name.
 * @throws {BreakerOptionsError} with everything that is wrong with them.
 */
export function readSettings(options: unknown, name: string): Settings {
  const reader = readerOf('Circuit breaker', name, options);
  const timeout = readTimeout(reader);
  const settings: Settings = {
    status: readStatus(reader),
    timeout,
    resetTimeout: readMilliseconds(reader, 'resetTimeout') ?? RESET_TIMEOUT,
    rollingCountTimeout: readMilliseconds(reader, 'rollingCountTimeout') || WINDOW,
    rollingCountBuckets: readBuckets(reader) || BUCKETS,
    name: readName(reader, options),
    group: readGroup(reader),
    rollingPercentilesEnabled: reader.boolean('rollingPercentilesEnabled') ?? true,
    capacity: amount(reader, 'capacity') ?? Number.MAX_SAFE_INTEGER,
    errorThresholdPercentage: amount(reader, 'errorThresholdPercentage') ?? ERROR_THRESHOLD,
    enabled: reader.boolean('enabled') ?? true,
    allowWarmUp: reader.boolean('allowWarmUp') ?? false,
    volumeThreshold: amount(reader, 'volumeThreshold') ?? 0,
    errorFilter: (reader.callable('errorFilter') as Settings['errorFilter'] | undefined) ?? (() => false),
    cache: reader.boolean('cache') ?? false,
    cacheTTL: amount(reader, 'cacheTTL') ?? 0,
    cacheSize: amount(reader, 'cacheSize') ?? CACHE_SIZE,
    cacheGetKey: (reader.callable('cacheGetKey') as Settings['cacheGetKey'] | undefined) ?? asJson,
    cacheTransport: reader.value('cacheTransport') as CacheTransport | undefined,
    coalesce: reader.boolean('coalesce') ?? false,
    coalesceTTL: amount(reader, 'coalesceTTL') ?? (timeout || TIMEOUT),
    coalesceSize: amount(reader, 'coalesceSize') ?? CACHE_SIZE,
    coalesceResetOn: readResets(reader),
    abortController: reader.value('abortController') as AbortController | undefined,
    autoRenewAbortController: reader.boolean('autoRenewAbortController') ?? false,
    enableSnapshots: reader.boolean('enableSnapshots') ?? true,
    rotateBucketController: readController(reader) as RotateBucketController | undefined,
    state: readState(reader),
  };
  const others = reader.rest();
  reader.finish();
  if (others['maxFailures'] !== undefined) warnOfMaxFailures();
  checkParts(settings);
  return { ...others, ...settings };
}

/** In full, whatever the reader was given of it. */
function readName(reader: Reader, options: unknown): string | undefined {
  return reader.value('name') === undefined ? undefined : (options as { name: string }).name;
}

function readTimeout(reader: Reader): number | false {
  if (reader.value('timeout') === false) return false;
  const expected = `a number of milliseconds from 0 to ${LONGEST}, or false`;
  return reader.number('timeout', 0, LONGEST, expected) ?? TIMEOUT;
}

function amount(reader: Reader, option: string): number | undefined {
  return reader.number(option, 0, Number.POSITIVE_INFINITY, 'a number from 0');
}

function readGroup(reader: Reader): string | undefined {
  const group = reader.value('group');
  if (group !== undefined && typeof group !== 'string') reader.report('group', 'type', 'a string');
  return group === '' ? undefined : (group as string | undefined);
}

function readStatus(reader: Reader): Status | undefined {
  const status = reader.value('status');
  if (status === undefined || status instanceof Status) return status;
  reader.report('status', 'type', 'what CircuitBreaker.newStatus returns');
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

/** What opossum refuses in words of its own. */
function checkParts({ cache, cacheTransport, abortController }: Settings): void {
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
