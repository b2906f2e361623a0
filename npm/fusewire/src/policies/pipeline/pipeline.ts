import { CircuitBreaker, circuitOf } from '../../breaker/circuit-breaker.ts';
import type { CallContext } from '../../run/call-context.ts';
import { reportNewPipeline } from '../../doctor/diagnostics-hook.ts';
import { checkOrder } from './order.ts';
import { arrange } from './parts.ts';
import type { PipelineOptions } from './options.ts';
import type { OtherOfParts, PipelineParts } from './parts.ts';
import type { SourcedAnswer } from '../../run/answer-source.ts';
import { invoke, Policy, start, startSourced } from '../policy.ts';
import type { OTHER } from '../policy.ts';
import type { Layer, LayerWork } from '../../run/layer.ts';
import type { PolicyCallOptions } from '../../run/call-options.ts';

/** What a pipeline is made of. */
export type PipelineLayer = CircuitBreaker | Policy<unknown> | Pipeline<unknown>;

/** What a layer may answer beside what the work does. */
export type OtherOf<PolicyLayer> = PolicyLayer extends { readonly [OTHER]: infer Other } ? Other : never;

/**
 * Policies around one another.
 *
 * @typeParam Other what they may answer beside what the work does.
 */
export class Pipeline<Other = never> {
  declare readonly [OTHER]: Other;
  /** The name in errors. */
  readonly name: string;
  /** @internal */
  readonly layers: readonly Layer[];
  /** @internal */
  readonly run: LayerWork;

  /** @internal */
  constructor(name: string, layers: readonly Layer[]) {
    this.name = name;
    this.layers = layers;
    this.run = layers.reduceRight<LayerWork>((inner, layer) => (context) => layer.run(inner, context), invoke);
  }

  /**
   * Runs `work` through every layer. It settles with the same value or the same error, unless a layer decides otherwise.
   *
   * Rejects with the signal's reason as soon as the caller's signal aborts, and with a `TypeError` if `work` or `options`
   * are not what they should be. Never throws.
   */
  execute<T>(
    work: (context: CallContext) => T | PromiseLike<T>,
    options?: PolicyCallOptions,
  ): Promise<Awaited<T> | Other> {
    return start(this.name, this.run, work, options) as Promise<Awaited<T> | Other>;
  }

  /** Like {@link execute}, but tells where the answer comes from. */
  executeWithSource<T>(
    work: (context: CallContext) => T | PromiseLike<T>,
    options?: PolicyCallOptions,
  ): Promise<SourcedAnswer<Awaited<T> | Other>> {
    return startSourced(this.name, this.run, work, options) as Promise<SourcedAnswer<Awaited<T> | Other>>;
  }
}

/**
 * Puts policies around one another. Given by the part that each plays, they go in the order that serves most calls: fallback,
 * total timeout, retry, hedge, throttle, rate limit, breaker, adaptive limit, bulkhead, attempt timeout. Why is told beside
 * each part of {@link PipelineParts}. Given as a list they go in its order, the outermost first.
 *
 * ```ts
 * const orders = pipeline({ timeout: 10_000, retry: { attempts: 3 }, breaker, bulkhead: { limit: 20 }, attemptTimeout: 2_000 });
 * const same = pipeline([timeout(10_000), retry({ attempts: 3 }), breaker, bulkhead({ limit: 20 }), timeout(2_000)]);
 * const order = await orders.execute(({ signal }) => fetch(url, { signal }));
 * ```
 *
 * Whoever bundles this function bundles every policy with it, for each part may be given by its options: some 6 kB, compressed.
 * Each policy alone brings only itself, and the engine.
 *
 * @throws {BreakerOptionsError} if it is not made of policies, or if their order is known to hurt, with the reason.
 */
export function pipeline<const Layers extends readonly PipelineLayer[]>(
  layers: Layers,
  options?: PipelineOptions,
): Pipeline<OtherOf<Layers[number]>>;
export function pipeline<const Parts extends PipelineParts>(parts: Parts): Pipeline<OtherOfParts<Parts>>;
export function pipeline(
  given: readonly PipelineLayer[] | PipelineParts,
  options: PipelineOptions = {},
): Pipeline<unknown> {
  if (isList(given)) return layered(given, options);
  const layers = arrange(given);
  const { name, checked } = given;
  return layered(layers, { name, checked });
}

function layered(layers: readonly PipelineLayer[], options: PipelineOptions): Pipeline<unknown> {
  const flat = layersOf(layers);
  checkOrder(flat, options);
  const name = options.name ?? flat.find(({ kind }) => kind === 'breaker')?.name ?? 'pipeline';
  reportNewPipeline(name, flat);
  return new Pipeline(name, flat);
}

function isList(given: readonly PipelineLayer[] | PipelineParts): given is readonly PipelineLayer[] {
  return Array.isArray(given);
}

/** A pipeline inside a pipeline is its layers. */
function layersOf(layers: readonly PipelineLayer[]): Layer[] {
  return layers.flatMap((layer): readonly Layer[] => {
    if (layer instanceof Pipeline) return layer.layers;
    return [layer instanceof CircuitBreaker ? circuitOf(layer) : layer];
  });
}
