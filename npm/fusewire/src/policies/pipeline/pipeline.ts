import { Circuit } from '../../breaker/circuit.ts';
import { CircuitBreaker, circuitOf } from '../../breaker/circuit-breaker.ts';
import { inspected, printWith } from '../../breaker/inspection.ts';
import { CallClassifier, classifierOf } from '../../classification/classifier.ts';
import type { Classifier } from '../../classification/classifier.ts';
import { effectiveState } from '../../engine/state-word.ts';
import { reportNewPipeline } from '../../doctor/diagnostics-hook.ts';
import { checkOrder } from './order-check.ts';
import { PipelineListeners } from './pipeline-listeners.ts';
import type { PipelineEvent, PipelineEventName } from './pipeline-listeners.ts';
import { hasPartsOff, layersOfParts, rolesOfParts } from './pipeline-parts.ts';
import type { PipelineOptions } from './options.ts';
import type { IdempotenceOfParts, KeyedOfParts, OtherOfParts, PipelineParts } from './pipeline-parts.ts';
import type { ObservableHandling } from '../../run/observables.ts';
import { invoke } from '../../run/invoke.ts';
import { CallRunner } from '../call-runner.ts';
import type { IsKeyed, OTHER } from '../call-runner.ts';
import type { Policy } from '../policy.ts';
import type { PolicyEventName } from '../policy-events.ts';
import type { Layer, LayerWork } from '../../run/layer.ts';

/** Anything that a pipeline can consist of. */
export type PipelineLayer = CircuitBreaker | Policy<unknown, PolicyEventName, boolean> | Pipeline<unknown, boolean>;

/** Type of the values that a layer may return besides those of the work. */
export type OtherOf<PolicyLayer> = PolicyLayer extends { readonly [OTHER]: infer Other } ? Other : never;

/** Options of a pipeline that hold for each of its layers. */
interface LayerDefaults {
  readonly classifier: Classifier | undefined;
  readonly idempotent: boolean | undefined;
}

/** Layer of a pipeline, and the options of the pipeline that it came with. */
interface PlacedLayer extends LayerDefaults {
  readonly layer: Layer;
}

/** Whether calls through these layers must have the option `key`. */
export type KeyedOf<Layers extends readonly PipelineLayer[]> = true extends IsKeyed<Layers[number]> ? true : false;

/**
 * Policies around one another.
 *
 * @typeParam Other type of the values that they may return besides those of the work.
 * @typeParam Keyed whether each call must have the option `key`.
 */
export class Pipeline<Other = never, Keyed extends boolean = false> extends CallRunner<Other, Keyed> {
  /** Outermost breaker of the pipeline, if it has one. */
  readonly breaker: CircuitBreaker | undefined;
  /** @internal */
  readonly layers: readonly Layer[];
  /** @internal */
  readonly placed: readonly PlacedLayer[];
  /** @internal */
  readonly runLayers: LayerWork;
  readonly #listeners: PipelineListeners;

  /** @internal */
  constructor(
    name: string,
    placed: readonly PlacedLayer[],
    observables: ObservableHandling | undefined,
    breaker?: CircuitBreaker,
  ) {
    super(name);
    // Prints the name and the layers, with the states of breakers. Like `state`, it makes transitions that are due.
    printWith(this, (depth, options, inspect) => {
      const read = () => ({ name: this.name, layers: this.layers.map(summaryOf) });
      return inspected('Pipeline', read, depth, options, inspect);
    });
    this.breaker = breaker;
    this.observables = observables;
    if (breaker !== undefined) this.streamTime = circuitOf(breaker).time;
    this.placed = placed;
    this.layers = placed.map(({ layer }) => layer);
    this.#listeners = new PipelineListeners(name, this.layers);
    this.runLayers = placed.reduceRight<LayerWork>((inner, { layer, classifier, idempotent }, index) => {
      const run: LayerWork =
        idempotent === undefined
          ? (context) => layer.run(inner, context)
          : (context) => layer.run(inner, context, idempotent);
      if (classifier === placed[index - 1]?.classifier) return run;
      return (context) => run(context.withClassifier(classifier && new CallClassifier(classifier)));
    }, invoke);
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
}

/**
 * Creates a pipeline of policies around one another. In an object, each policy has the name of its role, and the
 * pipeline puts them into the order that suits most calls: fallback, cache, total timeout, retry, hedge, load shedding, rate limit,
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
): Pipeline<OtherOf<Layers[number]>, KeyedOf<Layers>>;
export function pipeline<const Parts extends PipelineParts>(
  parts: Parts & IdempotenceOfParts<Parts>,
): Pipeline<OtherOfParts<Parts>, KeyedOfParts<Parts>>;
export function pipeline(
  layers: readonly PipelineLayer[] | PipelineParts,
  options: PipelineOptions = {},
): Pipeline<unknown, boolean> {
  if (isList(layers)) return createPipeline(layers, options);
  const ordered = layersOfParts(layers);
  const { name, checked, observables, classify, isFailure, idempotent, breaker } = layers;
  const own = { name, checked, observables, classify, isFailure, idempotent };
  const breakerOptions = breaker instanceof CircuitBreaker ? undefined : breaker;
  return createPipeline(ordered, own, rolesOfParts(layers), hasPartsOff(layers), breakerOptions);
}

function createPipeline(
  layers: readonly PipelineLayer[],
  options: PipelineOptions,
  roles?: readonly string[],
  mayBeEmpty = false,
  breakerOptions?: unknown,
): Pipeline<unknown, boolean> {
  const flat = flatten(layers).map(({ layer }) => layer);
  checkOrder(flat, options, roles, mayBeEmpty);
  const placed = flatten(layers, { classifier: classifierOf(options), idempotent: options.idempotent });
  const name = options.name ?? flat.find(({ kind }) => kind === 'breaker')?.name ?? 'pipeline';
  reportNewPipeline(name, flat, breakerOptions);
  return new Pipeline(name, placed, options.observables ?? observablesOf(layers), breakerOf(layers));
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

const NO_DEFAULTS: LayerDefaults = { classifier: undefined, idempotent: undefined };

/** Replaces each pipeline inside the pipeline with its layers, which keep its options if it has them. */
function flatten(layers: readonly PipelineLayer[], outer = NO_DEFAULTS): PlacedLayer[] {
  return layers.flatMap((layer): readonly PlacedLayer[] => {
    if (layer instanceof Pipeline) {
      return layer.placed.map((inner) => ({
        layer: inner.layer,
        classifier: inner.classifier ?? outer.classifier,
        idempotent: inner.idempotent ?? outer.idempotent,
      }));
    }
    return [{ layer: layer instanceof CircuitBreaker ? circuitOf(layer) : layer, ...outer }];
  });
}

function summaryOf(layer: Layer): object {
  const { kind, name } = layer;
  if (!(layer instanceof Circuit)) return { kind, name };
  return layer.isDisposed ? { kind, name, disposed: true } : { kind, name, state: effectiveState(layer.poll()) };
}
