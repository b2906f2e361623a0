import type { Anything } from './anything.ts';
import type { BreakerError } from './errors.ts';
import type { Status } from './status.ts';

/** What each event carries. Latencies are milliseconds. */
export interface BreakerEvents<Arguments extends unknown[] = unknown[], Result = unknown> {
  /** A call came in. */
  fire: [args: Arguments];
  /** A kept result was returned. */
  cacheHit: [];
  /** There was no kept result. */
  cacheMiss: [];
  /** A call shares the run of an earlier one. */
  coalesceCacheHit: [];
  /** There was no run to share. */
  coalesceCacheMiss: [];
  /** The circuit did not admit the call. */
  reject: [error: BreakerError];
  /** The action took too long. `failure` follows. */
  timeout: [error: BreakerError, latency: number, args: Arguments];
  /** The action succeeded, or failed with an error that the option `errorFilter` takes for no failure. */
  success: [result: Result, latency: number];
  /** As many actions ran as may. `failure` follows. */
  semaphoreLocked: [error: BreakerError, latency: number];
  /** A health check threw or rejected. */
  healthCheckFailed: [error: unknown];
  /** The action failed, took too long or could not start. */
  failure: [error: Anything, latency: number, args: Arguments];
  /** The fallback was called; `result` is what it returned. */
  fallback: [result: unknown, error: Anything];
  /** The circuit opened. */
  open: [];
  /** The circuit is half-open: the open time is over. */
  halfOpen: [resetTimeout: number];
  /** The circuit closed. */
  close: [];
  /** The breaker was shut down. */
  shutdown: [];
}

type Listener = (...args: Anything[]) => void;

/** How a status counts the events of a breaker. */
export const COUNTED: readonly (readonly [keyof BreakerEvents, (status: Status) => Listener])[] = [
  ['success', (status) => (_result, latency) => status.increment('successes', latency)],
  ['failure', (status) => (_error, latency) => status.increment('failures', latency)],
  ['fallback', (status) => () => status.increment('fallbacks')],
  ['timeout', (status) => (_error, latency) => status.increment('timeouts', latency)],
  ['fire', (status) => () => status.increment('fires')],
  ['reject', (status) => () => status.increment('rejects')],
  ['cacheHit', (status) => () => status.increment('cacheHits')],
  ['cacheMiss', (status) => () => status.increment('cacheMisses')],
  ['coalesceCacheHit', (status) => () => status.increment('coalesceCacheHits')],
  ['coalesceCacheMiss', (status) => () => status.increment('coalesceCacheMisses')],
  ['open', (status) => () => status.open()],
  ['close', (status) => () => status.close()],
  ['semaphoreLocked', (status) => () => status.increment('semaphoreRejections')],
];
