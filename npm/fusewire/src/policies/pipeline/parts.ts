import { CircuitBreaker } from '../../breaker/circuit-breaker.ts';
import { isBreakerOptionsError } from '../../errors.ts';
import type { CircuitBreakerOptions } from '../../breaker/options.ts';
import { AdaptiveLimit, adaptiveLimit } from '../adaptive-limit/adaptive-limit.ts';
import type { AdaptiveLimitOptions } from '../adaptive-limit/adaptive-limit.ts';
import { Bulkhead, bulkhead } from '../bulkhead/bulkhead.ts';
import type { BulkheadOptions } from '../bulkhead/bulkhead.ts';
import { Fallback, fallback } from '../fallback/fallback.ts';
import type { AnswerOf, FallbackOptions } from '../fallback/fallback.ts';
import type { FallbackStrategy } from '../fallback/strategy.ts';
import { Hedge, hedge } from '../hedge/hedge.ts';
import type { HedgeOptions } from '../hedge/hedge.ts';
import { readPolicyOptions } from '../../options/options-reader.ts';
import type { OptionsReader } from '../../options/options-reader.ts';
import type { PipelineOptions } from './options.ts';
import { Policy } from '../policy.ts';
import { RateLimit, rateLimit } from '../rate-limit/rate-limit.ts';
import type { RateLimitOptions } from '../rate-limit/rate-limit.ts';
import { Retry, retry } from '../retry/retry.ts';
import type { RetryOptions } from '../retry/retry.ts';
import { Throttle, throttle } from '../throttle/throttle.ts';
import type { ThrottleOptions } from '../throttle/throttle.ts';
import { Timeout, timeout } from '../timeout/timeout.ts';
import type { TimeoutOptions } from '../timeout/timeout.ts';

/** What a pipeline is made of, each a policy or its options. They go around one another in the order in which they stand here. */
export interface PipelineParts extends PipelineOptions {
  /** Outermost: it answers for whatever goes wrong, the end of the total timeout included. */
  readonly fallback?: Fallback | FallbackOptions | readonly FallbackStrategy[] | undefined;
  /** The total timeout: all attempts together, and the waiting between them. */
  readonly timeout?: Timeout | TimeoutOptions | number | undefined;
  /** Around the breaker, so that each attempt is admitted and counted, and an open circuit ends the attempts. */
  readonly retry?: Retry | RetryOptions | undefined;
  /** Inside of the retry, for it is one attempt that is slow; around the breaker, so that each copy is admitted. */
  readonly hedge?: Hedge | HedgeOptions | undefined;
  /** Right outside of the breaker: each attempt and each copy counts, and what an open circuit rejects is not held against it. */
  readonly throttle?: Throttle | ThrottleOptions | undefined;
  /** Likewise. */
  readonly rateLimit?: RateLimit | RateLimitOptions | undefined;
  /** Counts what becomes of each attempt. */
  readonly breaker?: CircuitBreaker | CircuitBreakerOptions | undefined;
  /** Inside of the breaker: while the circuit is open no place is taken, and what finds no place does not count. */
  readonly adaptiveLimit?: AdaptiveLimit | AdaptiveLimitOptions | undefined;
  /** Likewise. */
  readonly bulkhead?: Bulkhead | BulkheadOptions | undefined;
  /** Innermost: what the dependency takes for one attempt, without the time in a queue. The breaker counts it as a failure. */
  readonly attemptTimeout?: Timeout | TimeoutOptions | number | undefined;
}

/** What the fallback of such parts may answer. */
export type OtherOfParts<Parts> = Parts extends { readonly fallback: infer Given }
  ? Given extends Fallback<infer Other>
    ? Other
    : Given extends readonly FallbackStrategy[]
      ? AnswerOf<Given[number]>
      : Given extends { readonly strategies: readonly FallbackStrategy[] }
        ? AnswerOf<Given['strategies'][number]>
        : never
  : never;

type PartName = Exclude<keyof PipelineParts, keyof PipelineOptions>;

/** How each part is recognised and made, in the order in which they go around one another. */
const PARTS: { readonly [Name in PartName]: readonly [Class: Made, make: (options: never) => MadeLayer] } = {
  fallback: [Fallback, fallback],
  timeout: [Timeout, timeout],
  retry: [Retry, retry],
  hedge: [Hedge, hedge],
  throttle: [Throttle, throttle],
  rateLimit: [RateLimit, rateLimit],
  breaker: [CircuitBreaker, (options: CircuitBreakerOptions) => new CircuitBreaker(options)],
  adaptiveLimit: [AdaptiveLimit, adaptiveLimit],
  bulkhead: [Bulkhead, bulkhead],
  attemptTimeout: [
    Timeout,
    (options: number | TimeoutOptions) =>
      timeout(typeof options === 'number' ? { name: 'attemptTimeout', timeout: options } : options),
  ],
};

/** A layer that this module makes or takes: everything but a pipeline. */
type MadeLayer = CircuitBreaker | Policy<unknown>;

type Made = abstract new (...given: never) => MadeLayer;

/** Puts parts into their order. Throws everything that is wrong with any of them. */
export function arrange(parts: PipelineParts): MadeLayer[] {
  const reader = readPolicyOptions('pipeline', parts);
  reader.boolean('checked');
  const layers = (Object.keys(PARTS) as PartName[]).flatMap((part) => layerOf(reader, part) ?? []);
  reader.finish();
  return layers;
}

function layerOf(reader: OptionsReader, part: PartName): MadeLayer | undefined {
  const given = reader.value(part);
  if (given === undefined) return undefined;
  const [Class, make] = PARTS[part];
  if (given instanceof Class) return given;
  if (given instanceof Policy || given instanceof CircuitBreaker) {
    reader.report(part, 'type', 'a policy for this part, or its options');
    return undefined;
  }
  try {
    return make(given as never);
  } catch (error) {
    if (!isBreakerOptionsError(error)) throw error;
    reader.add(error.problems.map((problem) => ({ ...problem, option: `${part}.${problem.option}` })));
    return undefined;
  }
}
