import { INSPECT, inspected } from '../breaker/inspection.ts';
import type { Inspect, InspectOptions } from '../breaker/inspection.ts';
import type { Layer, LayerWork, PolicyKind } from '../run/layer.ts';
import type { ObservableHandling } from '../run/observables.ts';
import { invoke } from '../run/invoke.ts';
import type { LayerContext } from '../run/layer-context.ts';
import { CallRunner } from './call-runner.ts';

/** Whether a value is a policy of this copy of fusewire. */
export function isLayer(value: unknown): value is Layer {
  return value instanceof Policy;
}

/**
 * Base of all policies. A policy runs calls, alone or as a layer of a `pipeline`.
 *
 * @typeParam Other type of the values that it may return besides those of the work.
 * @typeParam Keyed whether each call must have the option `key`.
 */
export abstract class Policy<Other = never, Keyed extends boolean = false> extends CallRunner<Other, Keyed> {
  /** @internal */
  readonly runLayers: LayerWork = (context) => this.run(invoke, context);

  /** Prints the name and the counters, if the policy has any. @internal */
  [INSPECT](depth: number | null, options?: InspectOptions, inspect?: Inspect): unknown {
    return inspected(this.constructor.name, () => summaryOf(this), depth, options, inspect);
  }

  /** @internal */
  abstract readonly kind: PolicyKind;

  /** @internal */
  abstract run(work: LayerWork, context: LayerContext): Promise<unknown>;
}

/** Sets the option `observables` of a new policy, and returns the policy. */
export function withObservables<Each extends Policy<unknown, boolean>>(
  policy: Each,
  observables: ObservableHandling | undefined,
): Each {
  policy.observables = observables;
  return policy;
}

function summaryOf(policy: Policy<unknown, boolean> & { getStats?(): object }): object {
  const counters = Object.entries(policy.getStats?.() ?? {}).filter(([, value]) => typeof value === 'number');
  return { name: policy.name, ...Object.fromEntries(counters) };
}
