import type { CircuitBreakerOptions } from '../breaker/options.ts';
import type { Layer } from '../run/layer.ts';
import type { MadeBreaker, Witness } from './diagnostics-hook.ts';
import { openTimeOf, windowOf } from './case.ts';
import type { BreakerCase, Configuration, LayerCase, PipelineCase } from './case.ts';
import type { Facts } from './facts.ts';

/** The breaker that was made, as the rules see it. */
export function caseOf({ name, timeout, explain }: MadeBreaker, options: unknown, facts: Facts): BreakerCase {
  const given = (options ?? {}) as CircuitBreakerOptions;
  return {
    name,
    options: given,
    explanation: explain(),
    timeout,
    window: windowOf(given),
    openTime: openTimeOf(given),
    facts,
  };
}

/** A layer of a pipeline, as the rules see it. */
export function layerCaseOf({ kind, name, timeout, attempts }: Layer & Partial<LayerCase>): LayerCase {
  return { kind, name, timeout, attempts };
}

/** Writes down what a program makes, as it is when it is made: it may be disposed by the time it is looked at. */
export class Records implements Witness {
  readonly #breakers: BreakerCase[] = [];
  readonly #pipelines: PipelineCase[] = [];

  breaker(made: MadeBreaker, options: unknown): void {
    this.#breakers.push(caseOf(made, options, {}));
  }

  pipeline(name: string, layers: readonly Layer[]): void {
    this.#pipelines.push({ name, layers: layers.map(layerCaseOf), facts: {} });
  }

  /** Everything that was made, with what is known of its surroundings. */
  configuration(factsOf: (name: string) => Facts): Configuration {
    return {
      breakers: this.#breakers.map((breaker) => ({ ...breaker, facts: factsOf(breaker.name) })),
      pipelines: this.#pipelines.map((pipeline) => ({ ...pipeline, facts: factsOf(pipeline.name) })),
    };
  }
}
