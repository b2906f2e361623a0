import { CircuitBreaker } from '../../breaker/circuit-breaker.ts';
import { LayerContext } from '../../run/layer-context.ts';
import { handleObservables } from '../../run/first-value.ts';
import { SignalledRun } from '../../run/signalled-run.ts';
import { readPolicyOptions } from '../../options/options-reader.ts';
import { Pipeline, pipeline } from '../pipeline/pipeline.ts';
import type { PipelineLayer } from '../pipeline/pipeline.ts';
import { Policy } from '../policy.ts';
import { FallbackContext } from './fallback-context.ts';
import { finishStrategy, withArguments } from './fallback-strategy.ts';
import type { FallbackStrategy, StrategyOptions } from './fallback-strategy.ts';

/** Options of {@link alternative}. */
export interface AlternativeOptions extends Omit<StrategyOptions, 'name'> {
  /** Breaker of the other provider, or a policy or pipeline that runs its calls. */
  readonly through?: PipelineLayer | undefined;
}

/**
 * Returns a strategy that calls another provider.
 *
 * @throws {OptionsError} with all problems of the options.
 */
export function alternative<T>(
  name: string,
  call: (context: FallbackContext) => T | PromiseLike<T>,
  options: AlternativeOptions = {},
): FallbackStrategy<T> {
  const reader = readPolicyOptions('alternative', withArguments(options, { name, call }));
  reader.callable('call');
  const through = reader.value('through');
  const isLayer = through instanceof CircuitBreaker || through instanceof Policy || through instanceof Pipeline;
  if (through !== undefined && !isLayer) {
    reader.report('through', 'type', 'a breaker, a policy or a pipeline of this copy of fusewire');
  }
  const settings = finishStrategy(reader, 'name', 'call');
  if (!isLayer) return { ...settings, execute: (_error, context) => call(context) };
  const layers = pipeline([through as PipelineLayer], { name, checked: false });
  return { ...settings, execute: (_error, context) => callThrough(layers, call, context) as Promise<T> };
}

/** Runs the call through its own layers. They may end it early, and so does an abort of the call that failed. */
function callThrough(
  layers: Pipeline<unknown, boolean>,
  call: (context: FallbackContext) => unknown,
  failed: FallbackContext,
): Promise<unknown> {
  const { policy, outcome } = failed;
  const { options, abortSource, run } = failed.call;
  const work = handleObservables(
    (context: unknown) => call(new FallbackContext(policy, outcome, context as LayerContext)),
    layers.observables,
  );
  if (abortSource === undefined) return layers.runLayers(LayerContext.of(layers.name, work, options).within(run));
  const signalled = new SignalledRun(run);
  return signalled.start(layers.runLayers, LayerContext.of(layers.name, work, options, signalled), abortSource);
}
