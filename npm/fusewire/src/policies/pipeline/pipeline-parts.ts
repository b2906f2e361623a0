import { readValueClassifier } from '../../classification/classifier.ts';
import { CircuitBreaker } from '../../breaker/circuit-breaker.ts';
import { OptionsError } from '../../errors/options-error.ts';
import type { CircuitBreakerOptions } from '../../breaker/options.ts';
import { DEFAULT_TIMEOUT } from '../../breaker/settings.ts';
import { AdaptiveBulkhead, adaptiveBulkhead } from '../adaptive-bulkhead/adaptive-bulkhead.ts';
import type { AdaptiveBulkheadOptions } from '../adaptive-bulkhead/adaptive-bulkhead.ts';
import { Bulkhead, bulkhead } from '../bulkhead/bulkhead.ts';
import type { BulkheadOptions } from '../bulkhead/bulkhead.ts';
import { Cache, cache } from '../cache/cache.ts';
import type { CacheOptions } from '../cache/options.ts';
import { Fallback, fallback } from '../fallback/fallback.ts';
import type { AnswerOf, FallbackOptions, KeyedOfSteps } from '../fallback/fallback.ts';
import type { IsKeyed } from '../call-runner.ts';
import type { FallbackFunction, FallbackStep } from '../fallback/fallback-strategy.ts';
import { Hedge, hedge } from '../hedge/hedge.ts';
import type { HedgePartOptions } from '../hedge/hedge.ts';
import { isValidName, readPolicyOptions } from '../../options/options-reader.ts';
import { isPlainObject } from '../../options/plain-data.ts';
import type { OptionsReader } from '../../options/options-reader.ts';
import type { Clock } from '../../time/clock.ts';
import type { PipelineOptions } from './options.ts';
import { OBSERVABLE_HANDLINGS } from '../../run/observables.ts';
import { Policy } from '../policy.ts';
import type { PolicyEventName } from '../policy-events.ts';
import { RateLimit, rateLimit } from '../rate-limit/rate-limit.ts';
import type { RateLimitOptions } from '../rate-limit/rate-limit.ts';
import type { RetryOptions } from '../retry/options.ts';
import { Retry, retry } from '../retry/retry.ts';
import { ShedLoad, shedLoad } from '../shed-load/shed-load.ts';
import type { ShedLoadOptions } from '../shed-load/shed-load.ts';
import { Timeout, timeout } from '../timeout/timeout.ts';
import type { TimeoutOptions } from '../timeout/timeout.ts';

/**
 * Policies of a pipeline, each as an instance, as its options, or in a short form. `false` switches a part off. They run in
 * the order of this list, outermost first.
 */
export interface PipelineParts extends PipelineOptions {
  /** Clock of the parts that are given as options and have none of their own. Default: `performance.now()`. */
  readonly clock?: Clock | undefined;
  /** Outermost: answers every failure, including that of the total timeout. A function is a strategy. */
  readonly fallback?:
    Fallback<unknown, boolean> | FallbackOptions | FallbackFunction | readonly FallbackStep[] | false | undefined;
  /** Around everything that makes the call: answers with stored values, and a failed call before the fallback does. */
  readonly cache?: Cache | CacheOptions | false | undefined;
  /** Total timeout, in milliseconds: limits all attempts together, and the delays between them. */
  readonly timeout?: Timeout | TimeoutOptions | number | false | undefined;
  /** Around the breaker, so that it admits and counts each attempt, and an open circuit ends the attempts. A number: attempts. */
  readonly retry?: Retry | RetryOptions | number | false | undefined;
  /**
   * Inside the retry, because it copies one slow attempt; around the breaker, so that each copy is admitted. A number: the
   * delay, in milliseconds. It needs the option `idempotent`: that of the pipeline, or its own.
   */
  readonly hedge?: Hedge | HedgePartOptions | number | false | undefined;
  /** Directly around the breaker: each attempt and each copy counts, and rejections by an open circuit count as accepted. */
  readonly shedLoad?: ShedLoad | ShedLoadOptions | false | undefined;
  /** Directly around the breaker: each attempt and each copy takes a token. */
  readonly rateLimit?: RateLimit | RateLimitOptions | false | undefined;
  /**
   * Counts the outcome of each attempt. With a total timeout, and neither `breaker.timeout` nor `attemptTimeout`, a breaker
   * that is created from options limits each attempt to its share of the total: at most 30 000 ms.
   */
  readonly breaker?: CircuitBreaker | CircuitBreakerOptions | false | undefined;
  /** Inside the breaker: an open circuit uses no slot, and the breaker does not count its rejections. */
  readonly adaptiveBulkhead?: AdaptiveBulkhead | AdaptiveBulkheadOptions | false | undefined;
  /** Inside the breaker: an open circuit uses no slot, and the breaker does not count its rejections. A number: the limit. */
  readonly bulkhead?: Bulkhead | BulkheadOptions | number | false | undefined;
  /** Innermost: limits one attempt, without its wait in a queue. The breaker counts the timeout as a failure. */
  readonly attemptTimeout?: Timeout | TimeoutOptions | number | false | undefined;
}

/** Type of the answers of the fallback of these parts. */
export type OtherOfParts<Parts> = Parts extends { readonly fallback: infer Part }
  ? Part extends Fallback<infer Other, boolean>
    ? Other
    : Part extends readonly FallbackStep[]
      ? AnswerOf<Part[number]>
      : Part extends { readonly strategies: readonly FallbackStep[] }
        ? AnswerOf<Part['strategies'][number]>
        : AnswerOf<Part>
  : never;

/**
 * Whether calls through these parts must have the option `key`: those through a cache or a queued strategy without a `key` of
 * its own.
 */
export type KeyedOfParts<Parts> = KeyedByCache<Parts> extends true ? true : KeyedByFallback<Parts>;

type KeyedByCache<Parts> = Parts extends { readonly cache: infer Part }
  ? Part extends Cache<infer Keyed>
    ? [Keyed] extends [true]
      ? true
      : false
    : Part extends false | undefined | { readonly key: (...args: never) => unknown }
      ? false
      : true
  : false;

type KeyedByFallback<Parts> = Parts extends { readonly fallback: infer Part }
  ? Part extends Fallback<unknown, boolean>
    ? IsKeyed<Part>
    : Part extends readonly FallbackStep[] | { readonly strategies: readonly FallbackStep[] }
      ? KeyedOfSteps<Part>
      : false
  : false;

/** The option `idempotent` that these parts must have: that of a hedge which neither has it nor is a policy. */
export type IdempotenceOfParts<Parts> = Parts extends { readonly hedge: infer Part }
  ? [Part] extends [Hedge | false | undefined | { readonly idempotent: boolean }]
    ? unknown
    : { readonly idempotent: boolean }
  : unknown;

type LayerName = Exclude<keyof PipelineParts, keyof PipelineOptions | 'clock'>;

/** A layer as the options of a pipeline can contain it: everything but another pipeline. */
type SingleLayer = CircuitBreaker | Policy<unknown, PolicyEventName, boolean>;

/** Layers by their names, as far as they have been read. */
type LayersByName = Partial<Record<LayerName, SingleLayer>>;

/** Class and factory of a layer, and the option that its short form sets. */
interface LayerKind {
  readonly Class: abstract new (...args: never) => SingleLayer;
  readonly create: (options: never) => SingleLayer;
  /** Option that a number, a function or an array in place of the options stands for. */
  readonly main?: string;
}

/** Kinds of the layers, in the order in which they run, outermost first. */
const LAYERS: { readonly [Name in LayerName]: LayerKind } = {
  fallback: { Class: Fallback, create: fallback, main: 'strategies' },
  cache: { Class: Cache, create: cache },
  timeout: { Class: Timeout, create: timeout, main: 'timeout' },
  retry: { Class: Retry, create: retry, main: 'attempts' },
  hedge: { Class: Hedge, create: hedge, main: 'delay' },
  shedLoad: { Class: ShedLoad, create: shedLoad },
  rateLimit: { Class: RateLimit, create: rateLimit },
  breaker: { Class: CircuitBreaker, create: (options: CircuitBreakerOptions) => new CircuitBreaker(options) },
  adaptiveBulkhead: { Class: AdaptiveBulkhead, create: adaptiveBulkhead },
  bulkhead: { Class: Bulkhead, create: bulkhead, main: 'limit' },
  attemptTimeout: { Class: Timeout, create: timeout, main: 'timeout' },
};

/** Returns the names of the layers. Were they a constant, a bundle would contain all layers that a program does not use. */
function layerNames(): LayerName[] {
  return Object.keys(LAYERS) as LayerName[];
}

/** Returns the names of the layers in these options, in the order of {@link LAYERS}. */
export function rolesOfParts(parts: PipelineParts): LayerName[] {
  return layerNames().filter((name) => isOn(parts[name]));
}

/** Whether these options switch a layer off, so that a pipeline without layers is meant. */
export function hasPartsOff(parts: PipelineParts): boolean {
  return layerNames().some((name) => parts[name] === false);
}

/**
 * Returns the layers of a pipeline in the order of {@link LAYERS}, and creates those that are options.
 *
 * @throws {OptionsError} with the problems of all of them.
 */
export function layersOfParts(parts: PipelineParts): SingleLayer[] {
  const reader = readPolicyOptions('pipeline', parts);
  reader.boolean('checked');
  readValueClassifier(reader);
  reader.oneOf('observables', OBSERVABLE_HANDLINGS);
  const idempotent = reader.boolean('idempotent');
  const defaults = { pipeline: nameOfPipeline(parts), clock: reader.callable('clock'), idempotent };
  const layers: LayersByName = {};
  for (const name of layerNames()) {
    const layer = readLayer(reader, name, layers, defaults);
    if (layer !== undefined) layers[name] = layer;
  }
  reader.finish();
  return Object.values(layers);
}

function isOn(part: unknown): boolean {
  return part !== undefined && part !== false;
}

/** Name, clock and idempotence of a pipeline, which its layers get. */
interface Defaults {
  readonly pipeline: string;
  readonly clock: unknown;
  readonly idempotent: boolean | undefined;
}

/** Returns the name of a pipeline: its own, or else that of its breaker. */
function nameOfPipeline({ name, breaker }: PipelineParts): string {
  const own = isValidName(name) ? name : (breaker as { readonly name?: unknown } | null | undefined)?.name;
  return isValidName(own) ? own : 'pipeline';
}

function readLayer(
  reader: OptionsReader,
  name: LayerName,
  outside: LayersByName,
  defaults: Defaults,
): SingleLayer | undefined {
  const value = reader.value(name);
  if (!isOn(value)) return undefined;
  const { Class, create, main } = LAYERS[name];
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
    const options = name === 'breaker' ? withAttemptLimit(value, reader, outside) : value;
    return create(withDefaults(options, name, defaults) as never);
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    const isShort = !isPlainObject(value);
    const pathOf = (option: string) => (isShort && option === main ? name : `${name}.${option}`);
    reader.add(error.problems.map((problem) => ({ ...problem, option: pathOf(problem.option) })));
    return undefined;
  }
}

/**
 * Returns the options of a layer, named `<pipeline>.<part>` if they have no name, and with the clock of the pipeline if they
 * have none. Only an answer has no time. A hedge must have the option `idempotent`; other layers find it in each call.
 */
function withDefaults(options: unknown, part: LayerName, { pipeline, clock, idempotent }: Defaults): unknown {
  const name = `${pipeline}.${part}`;
  const defaults = {
    ...(isValidName(name) && { name }),
    ...(typeof clock === 'function' && part !== 'fallback' && { clock }),
    ...(part === 'hedge' && idempotent !== undefined && { idempotent }),
  };
  if (isPlainObject(options)) return { ...defaults, ...options, name: options['name'] ?? defaults.name };
  const { main } = LAYERS[part];
  const isShort = typeof options === 'number' || typeof options === 'function' || Array.isArray(options);
  const value = typeof options === 'function' ? [options] : options;
  return main === undefined || !isShort ? options : { ...defaults, [main]: value };
}

/**
 * Returns the options of a breaker, with its share of the total timeout as its timeout, if no option limits an attempt. The
 * total is shared equally among the attempts.
 */
function withAttemptLimit(options: unknown, reader: OptionsReader, { timeout: total, retry }: LayersByName): unknown {
  const isLimited = !isPlainObject(options) || options['timeout'] !== undefined || isOn(reader.value('attemptTimeout'));
  if (isLimited || !(total instanceof Timeout)) return options;
  const attempts = retry instanceof Retry ? retry.attempts : 1;
  return { ...options, timeout: Math.min(Math.max(1, Math.floor(total.timeout / attempts)), DEFAULT_TIMEOUT) };
}
