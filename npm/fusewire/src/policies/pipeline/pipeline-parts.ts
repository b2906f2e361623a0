import { CircuitBreaker } from '../../breaker/circuit-breaker.ts';
import { OptionsError } from '../../errors/options-error.ts';
import type { CircuitBreakerOptions } from '../../breaker/options.ts';
import { AdaptiveBulkhead, adaptiveBulkhead } from '../adaptive-bulkhead/adaptive-bulkhead.ts';
import type { AdaptiveBulkheadOptions } from '../adaptive-bulkhead/adaptive-bulkhead.ts';
import { Bulkhead, bulkhead } from '../bulkhead/bulkhead.ts';
import type { BulkheadOptions } from '../bulkhead/bulkhead.ts';
import { Fallback, fallback } from '../fallback/fallback.ts';
import type { AnswerOf, FallbackOptions } from '../fallback/fallback.ts';
import type { FallbackStrategy } from '../fallback/fallback-strategy.ts';
import { Hedge, hedge } from '../hedge/hedge.ts';
import type { HedgeOptions } from '../hedge/hedge.ts';
import { isValidName, readPolicyOptions } from '../../options/options-reader.ts';
import { isPlainObject } from '../../options/plain-data.ts';
import type { OptionsReader } from '../../options/options-reader.ts';
import type { PipelineOptions } from './options.ts';
import { OBSERVABLE_HANDLINGS } from '../../run/observables.ts';
import { Policy } from '../policy.ts';
import { RateLimit, rateLimit } from '../rate-limit/rate-limit.ts';
import type { RateLimitOptions } from '../rate-limit/rate-limit.ts';
import type { RetryOptions } from '../retry/options.ts';
import { Retry, retry } from '../retry/retry.ts';
import { ShedLoad, shedLoad } from '../shed-load/shed-load.ts';
import type { ShedLoadOptions } from '../shed-load/shed-load.ts';
import { Timeout, timeout } from '../timeout/timeout.ts';
import type { TimeoutOptions } from '../timeout/timeout.ts';

/** Policies of a pipeline, each as an instance or as its options. They run in the order of this list, outermost first. */
export interface PipelineParts extends PipelineOptions {
  /** Outermost: answers every failure, including that of the total timeout. */
  readonly fallback?: Fallback | FallbackOptions | readonly FallbackStrategy[] | undefined;
  /** Total timeout: limits all attempts together, and the delays between them. */
  readonly timeout?: Timeout | TimeoutOptions | number | undefined;
  /** Around the breaker, so that it admits and counts each attempt, and an open circuit ends the attempts. */
  readonly retry?: Retry | RetryOptions | undefined;
  /** Inside the retry, because it copies one slow attempt; around the breaker, so that each copy is admitted. */
  readonly hedge?: Hedge | HedgeOptions | undefined;
  /** Directly around the breaker: each attempt and each copy counts, and rejections by an open circuit count as accepted. */
  readonly shedLoad?: ShedLoad | ShedLoadOptions | undefined;
  /** Directly around the breaker: each attempt and each copy takes a token. */
  readonly rateLimit?: RateLimit | RateLimitOptions | undefined;
  /** Counts the outcome of each attempt. */
  readonly breaker?: CircuitBreaker | CircuitBreakerOptions | undefined;
  /** Inside the breaker: an open circuit uses no slot, and the breaker does not count its rejections. */
  readonly adaptiveBulkhead?: AdaptiveBulkhead | AdaptiveBulkheadOptions | undefined;
  /** Inside the breaker: an open circuit uses no slot, and the breaker does not count its rejections. */
  readonly bulkhead?: Bulkhead | BulkheadOptions | undefined;
  /** Innermost: limits one attempt, without its wait in a queue. The breaker counts the timeout as a failure. */
  readonly attemptTimeout?: Timeout | TimeoutOptions | number | undefined;
}

/** Type of the answers of the fallback of these parts. */
export type OtherOfParts<Parts> = Parts extends { readonly fallback: infer Part }
  ? Part extends Fallback<infer Other>
    ? Other
    : Part extends readonly FallbackStrategy[]
      ? AnswerOf<Part[number]>
      : Part extends { readonly strategies: readonly FallbackStrategy[] }
        ? AnswerOf<Part['strategies'][number]>
        : never
  : never;

type LayerName = Exclude<keyof PipelineParts, keyof PipelineOptions>;

/** A layer as the options of a pipeline can contain it: everything but another pipeline. */
type SingleLayer = CircuitBreaker | Policy<unknown>;

type LayerClass = abstract new (...args: never) => SingleLayer;

/** Class and factory of each layer, in the order in which they run, outermost first. */
const LAYERS: {
  readonly [Name in LayerName]: readonly [Class: LayerClass, create: (options: never) => SingleLayer];
} = {
  fallback: [Fallback, fallback],
  timeout: [Timeout, timeout],
  retry: [Retry, retry],
  hedge: [Hedge, hedge],
  shedLoad: [ShedLoad, shedLoad],
  rateLimit: [RateLimit, rateLimit],
  breaker: [CircuitBreaker, (options: CircuitBreakerOptions) => new CircuitBreaker(options)],
  adaptiveBulkhead: [AdaptiveBulkhead, adaptiveBulkhead],
  bulkhead: [Bulkhead, bulkhead],
  attemptTimeout: [Timeout, timeout],
};

/** Returns the names of the layers in these options, in the order of {@link LAYERS}. */
export function rolesOfParts(parts: PipelineParts): LayerName[] {
  return (Object.keys(LAYERS) as LayerName[]).filter((name) => parts[name] !== undefined);
}

/**
 * Returns the layers of a pipeline in the order of {@link LAYERS}, and creates those that are options.
 *
 * @throws {OptionsError} with the problems of all of them.
 */
export function layersOfParts(parts: PipelineParts): SingleLayer[] {
  const reader = readPolicyOptions('pipeline', parts);
  reader.boolean('checked');
  reader.oneOf('observables', OBSERVABLE_HANDLINGS);
  const pipeline = nameOfPipeline(parts);
  const layers = (Object.keys(LAYERS) as LayerName[]).flatMap((name) => readLayer(reader, pipeline, name) ?? []);
  reader.finish();
  return layers;
}

/** Returns the name of a pipeline: its own, or else that of its breaker. */
function nameOfPipeline({ name, breaker }: PipelineParts): string {
  const own = isValidName(name) ? name : (breaker as { readonly name?: unknown } | null | undefined)?.name;
  return isValidName(own) ? own : 'pipeline';
}

/** Returns the options of a part with a name, `<pipeline>.<part>` unless they have one of their own. */
function withName(pipeline: string, part: LayerName, options: unknown): unknown {
  const name = `${pipeline}.${part}`;
  if (!isValidName(name)) return options;
  if (typeof options === 'number' && LAYERS[part][0] === Timeout) return { name, timeout: options };
  if (Array.isArray(options)) return { name, strategies: options as unknown[] };
  if (!isPlainObject(options) || options['name'] !== undefined) return options;
  return { ...options, name };
}

function readLayer(reader: OptionsReader, pipeline: string, name: LayerName): SingleLayer | undefined {
  const value = reader.value(name);
  if (value === undefined) return undefined;
  const [Class, create] = LAYERS[name];
  if (value instanceof Class) return value;
  if (value instanceof Policy || value instanceof CircuitBreaker) {
    reader.report(name, 'type', 'a policy of this kind, or its options');
    return undefined;
  }
  // Options have no `execute`: with those of another copy, a second breaker of the same name would begin.
  if (typeof (value as { readonly execute?: unknown } | null)?.execute === 'function') {
    reader.report(name, 'type', 'a policy of this kind of this copy of fusewire, or its options');
    return undefined;
  }
  try {
    return create(withName(pipeline, name, value) as never);
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    reader.add(error.problems.map((problem) => ({ ...problem, option: `${name}.${problem.option}` })));
    return undefined;
  }
}
