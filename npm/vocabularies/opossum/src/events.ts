import type { AnyValue } from './any-value.ts';
import type { BreakerError } from './errors.ts';
import type { Status } from './status.ts';

/** Events of a breaker with their arguments. Latencies are milliseconds. */
export interface BreakerEvents<Arguments extends unknown[] = unknown[], Result = unknown> {
  /** A call began. */
  fire: [args: Arguments];
  /** The cache had a result for the call. */
  cacheHit: [];
  /** The cache had no result for the call. */
  cacheMiss: [];
  /** The call shares the running action of an earlier one. */
  coalesceCacheHit: [];
  /** No action was running for the call to share. */
  coalesceCacheMiss: [];
  /** The circuit rejected the call. */
  reject: [error: BreakerError];
  /** The action exceeded the timeout. `failure` follows. */
  timeout: [error: BreakerError, latency: number, args: Arguments];
  /** The action succeeded, or failed with an error that `errorFilter` excludes: `result` is then the error. */
  success: [result: Result, latency: number];
  /** All slots of the semaphore were taken. `failure` follows. */
  semaphoreLocked: [error: BreakerError, latency: number];
  /** A health check threw or rejected. */
  healthCheckFailed: [error: AnyValue];
  /** The action failed, exceeded the timeout or could not start. */
  failure: [error: AnyValue, latency: number, args: Arguments];
  /** The fallback was called; `result` is what it returned. */
  fallback: [result: unknown, error: AnyValue];
  /** The circuit opened. */
  open: [];
  /** The circuit became half-open: the open time has passed. */
  halfOpen: [resetTimeout: number];
  /** The circuit closed. */
  close: [];
  /** The breaker was shut down. */
  shutdown: [];
}

type Listener = (...args: AnyValue[]) => void;

/** Events that a status counts, each with the listener that counts it. */
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
