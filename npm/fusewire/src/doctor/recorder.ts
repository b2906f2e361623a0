import type { CircuitBreakerOptions } from '../breaker/options.ts';
import type { Layer } from '../run/layer.ts';
import type { CreatedBreaker, DiagnosticsHook } from './diagnostics-hook.ts';
import { windowOf } from '../breaker/window.ts';
import { openTimeOf } from './configuration.ts';
import type {
  BreakerConfiguration,
  Configuration,
  LayerConfiguration,
  PipelineConfiguration,
} from './configuration.ts';
import type { Facts } from './facts.ts';

/** Returns the configuration of a breaker that was just created. */
export function toBreakerConfiguration(
  { name, timeout, explain }: CreatedBreaker,
  options: unknown,
  facts: Facts,
): BreakerConfiguration {
  const passed = (options ?? {}) as CircuitBreakerOptions;
  return {
    name,
    options: passed,
    explanation: explain(),
    timeout,
    window: windowOf(passed),
    openTime: openTimeOf(passed),
    facts,
  };
}

/** Returns the configuration of a layer of a pipeline. */
export function toLayerConfiguration({
  kind,
  name,
  timeout,
  attempts,
}: Layer & Partial<LayerConfiguration>): LayerConfiguration {
  return { kind, name, timeout, attempts };
}

/**
 * Records every breaker and pipeline that a program creates, at construction: a breaker may be disposed by the time the
 * rules check it.
 */
export class Recorder implements DiagnosticsHook {
  readonly #breakers: BreakerConfiguration[] = [];
  readonly #pipelines: PipelineConfiguration[] = [];

  onBreaker(created: CreatedBreaker, options: unknown): void {
    this.#breakers.push(toBreakerConfiguration(created, options, {}));
  }

  onPipeline(name: string, layers: readonly Layer[]): void {
    this.#pipelines.push({ name, layers: layers.map(toLayerConfiguration), facts: {} });
  }

  /** Returns everything recorded, with the facts of each name. */
  configuration(factsOf: (name: string) => Facts): Configuration {
    return {
      breakers: this.#breakers.map((breaker) => ({ ...breaker, facts: factsOf(breaker.name) })),
      pipelines: this.#pipelines.map((pipeline) => ({ ...pipeline, facts: factsOf(pipeline.name) })),
    };
  }
}
