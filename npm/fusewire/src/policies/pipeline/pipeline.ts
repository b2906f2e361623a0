import { Circuit } from '../../breaker/circuit.ts';
import { CircuitBreaker, circuitOf } from '../../breaker/circuit-breaker.ts';
import { INSPECT, inspected } from '../../breaker/inspection.ts';
import type { Inspect, InspectOptions } from '../../breaker/inspection.ts';
import { effectiveState } from '../../engine/state-word.ts';
import { reportNewPipeline } from '../../doctor/diagnostics-hook.ts';
import { checkOrder } from './order-check.ts';
import { PipelineListeners } from './pipeline-listeners.ts';
import type { PipelineEvent, PipelineEventName } from './pipeline-listeners.ts';
import { hasPartsOff, layersOfParts, rolesOfParts } from './pipeline-parts.ts';
import type { PipelineOptions } from './options.ts';
import type { OtherOfParts, PipelineParts } from './pipeline-parts.ts';
import type { ObservableHandling } from '../../run/observables.ts';
import { invoke } from '../../run/invoke.ts';
import { CallRunner } from '../call-runner.ts';
import type { OTHER } from '../call-runner.ts';
import type { Policy } from '../policy.ts';
import type { Layer, LayerWork } from '../../run/layer.ts';

/** Anything that a pipeline can consist of. */
export type PipelineLayer = CircuitBreaker | Policy<unknown> | Pipeline<unknown>;

/** Type of the values that a layer may return besides those of the work. */
export type OtherOf<PolicyLayer> = PolicyLayer extends { readonly [OTHER]: infer Other } ? Other : never;

/**
 * Policies around one another.
 *
 * @typeParam Other type of the values that they may return besides those of the work.
 */
export class Pipeline<Other = never> extends CallRunner<Other> {
  /** Outermost breaker of the pipeline, if it has one. */
  readonly breaker: CircuitBreaker | undefined;
  /** @internal */
  readonly layers: readonly Layer[];
  /** @internal */
  readonly runLayers: LayerWork;
  readonly #listeners: PipelineListeners;

  /** @internal */
  constructor(
    name: string,
    layers: readonly Layer[],
    observables: ObservableHandling | undefined,
    breaker?: CircuitBreaker,
  ) {
    super(name);
    this.breaker = breaker;
    this.observables = observables;
    this.layers = layers;
    this.#listeners = new PipelineListeners(name, layers);
    this.runLayers = layers.reduceRight<LayerWork>((inner, layer) => (context) => layer.run(inner, context), invoke);
  }

  /**
   * Calls `listener` for every event of that name of any layer, such as `retry`, `timeout`, `reject` or `stateChange`. A
   * listener cannot fail a call.
   *
   * @returns a function that removes the listener.
   * @throws {TypeError} if there is no such event, or `listener` is not a function.
   */
  on<Name extends PipelineEventName>(event: Name, listener: (event: PipelineEvent<Name>) => unknown): () => void {
    return this.#listeners.add(event, listener, false);
  }

  /** Calls `listener` like {@link on}, but only for the next event. */
  once<Name extends PipelineEventName>(event: Name, listener: (event: PipelineEvent<Name>) => unknown): () => void {
    return this.#listeners.add(event, listener, true);
  }

  /** Removes the latest subscription of `listener`, if there is one. */
  off<Name extends PipelineEventName>(event: Name, listener: (event: PipelineEvent<Name>) => unknown): void {
    this.#listeners.remove(event, listener);
  }

  /** Prints the name and the layers, with the states of breakers. Like `state`, it makes transitions that are due. @internal */
  [INSPECT](depth: number | null, options?: InspectOptions, inspect?: Inspect): unknown {
    const read = () => ({ name: this.name, layers: this.layers.map(summaryOf) });
    return inspected('Pipeline', read, depth, options, inspect);
  }
}

/**
 * Creates a pipeline of policies around one another. In an object, each policy has the name of its role, and the
 * pipeline puts them into the order that suits most calls: fallback, total timeout, retry, hedge, load shedding, rate limit,
 * breaker, adaptive bulkhead, bulkhead, attempt timeout. {@link PipelineParts} explains each position. In an
 * array, they keep its order, outermost first.
 *
 * ```ts
 * const orders = pipeline({ timeout: 10_000, retry: 3, breaker, bulkhead: 20, attemptTimeout: 2_000, fallback: () => [] });
 * const same = pipeline([fallback(() => []), timeout(10_000), retry(3), breaker, bulkhead(20), timeout(2_000)]);
 * const order = await orders.execute(({ signal }) => fetch(url, { signal }));
 * ```
 *
 * A bundle with this function contains every policy, about 6 kB compressed, because each may be created from options. A
 * bundle with single policies contains only those, and the engine.
 *
 * @throws {OptionsError} if a layer is no policy or has invalid options, or if the order of the layers is
 * harmful.
 */
export function pipeline<const Layers extends readonly PipelineLayer[]>(
  layers: Layers,
  options?: PipelineOptions,
): Pipeline<OtherOf<Layers[number]>>;
export function pipeline<const Parts extends PipelineParts>(parts: Parts): Pipeline<OtherOfParts<Parts>>;
export function pipeline(
  layers: readonly PipelineLayer[] | PipelineParts,
  options: PipelineOptions = {},
): Pipeline<unknown> {
  if (isList(layers)) return createPipeline(layers, options);
  const ordered = layersOfParts(layers);
  const { name, checked, observables } = layers;
  return createPipeline(ordered, { name, checked, observables }, rolesOfParts(layers), hasPartsOff(layers));
}

function createPipeline(
  layers: readonly PipelineLayer[],
  options: PipelineOptions,
  roles?: readonly string[],
  mayBeEmpty = false,
): Pipeline<unknown> {
  const flat = flatten(layers);
  checkOrder(flat, options, roles, mayBeEmpty);
  const name = options.name ?? flat.find(({ kind }) => kind === 'breaker')?.name ?? 'pipeline';
  reportNewPipeline(name, flat);
  return new Pipeline(name, flat, options.observables ?? observablesOf(layers), breakerOf(layers));
}

/** Returns the handling of Observables that the innermost layer with this option asks for. */
function observablesOf(layers: readonly PipelineLayer[]): ObservableHandling | undefined {
  return layers
    .map((layer) => (layer instanceof CircuitBreaker ? circuitOf(layer) : layer).observables)
    .findLast((observables) => observables !== undefined);
}

function breakerOf(layers: readonly PipelineLayer[]): CircuitBreaker | undefined {
  for (const layer of layers) {
    const breaker = layer instanceof Pipeline ? layer.breaker : layer;
    if (breaker instanceof CircuitBreaker) return breaker;
  }
  return undefined;
}

function isList(layers: readonly PipelineLayer[] | PipelineParts): layers is readonly PipelineLayer[] {
  return Array.isArray(layers);
}

/** Replaces each pipeline inside the pipeline with its layers. */
function flatten(layers: readonly PipelineLayer[]): Layer[] {
  return layers.flatMap((layer): readonly Layer[] => {
    if (layer instanceof Pipeline) return layer.layers;
    return [layer instanceof CircuitBreaker ? circuitOf(layer) : layer];
  });
}

function summaryOf(layer: Layer): object {
  const { kind, name } = layer;
  if (!(layer instanceof Circuit)) return { kind, name };
  return layer.isDisposed ? { kind, name, disposed: true } : { kind, name, state: effectiveState(layer.poll()) };
}
