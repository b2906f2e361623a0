import { CircuitBreaker } from '../../breaker/circuit-breaker.ts';
import { AbortableRun } from '../../run/abortable-run.ts';
import { LayerContext } from '../../run/layer-context.ts';
import { readPolicyOptions } from '../../options/options-reader.ts';
import { Pipeline, pipeline } from '../pipeline/pipeline.ts';
import type { PipelineLayer } from '../pipeline/pipeline.ts';
import { Policy } from '../policy.ts';
import { FallbackContext } from './context.ts';
import { finishStrategy, withArguments } from './strategy.ts';
import type { FallbackStrategy, StrategyOptions } from './strategy.ts';

/** How another provider is called. */
export interface AlternativeOptions extends Omit<StrategyOptions, 'name'> {
  /** The provider's own breaker, or a policy or pipeline that its calls go through. */
  readonly through?: PipelineLayer | undefined;
}

/**
 * Asks another provider.
 *
 * @throws {BreakerOptionsError} with everything that is wrong with the options.
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
  const layers = pipeline([through], { name, checked: false });
  return { ...settings, execute: (_error, context) => callThrough(layers, call, context) as Promise<T> };
}

/** Runs the call through its own layers, which may end it early; the abort of the call that failed ends it too. */
function callThrough(
  layers: Pipeline<unknown>,
  call: (context: FallbackContext) => unknown,
  outer: FallbackContext,
): Promise<unknown> {
  const { policy, error } = outer;
  const { options, abortSource, slotHolder } = outer.call;
  const work = (context: unknown) => call(new FallbackContext(policy, error, context as LayerContext));
  const context = LayerContext.of(layers.name, work, options, abortSource !== undefined);
  const held = slotHolder === undefined ? context : context.withSlotHolder(slotHolder);
  if (abortSource === undefined) return layers.run(held);
  const ending = new AbortableRun(context);
  ending.abortWith(abortSource);
  return ending.settleWith(layers.run(held));
}
