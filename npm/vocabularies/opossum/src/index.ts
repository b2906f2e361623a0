import { CircuitBreaker } from './circuit-breaker.ts';

export { CircuitBreaker, CircuitBreaker as default };
export { Status } from './status.ts';

// The namespace of the class has the same types: users import them from there. See `build.mjs`.
export type { Action } from './circuit-breaker.ts';
export type { BreakerError, ErrorCode } from './errors.ts';
export type { BreakerEvents } from './events.ts';
export type { CacheTransport } from './cache.ts';
export type { CoalesceReset, Options, Settings, State } from './options.ts';
export type { Semaphore } from './semaphore.ts';
export type { RotateBucketController, Stats, StatusOptions } from './status.ts';
export type { Bucket, Counter, Window } from './window.ts';
