import { inspected, printWith } from '../breaker/inspection.ts';
import type { Layer, LayerWork, PolicyKind } from '../run/layer.ts';
import type { ObservableHandling } from '../run/observables.ts';
import { invoke } from '../run/invoke.ts';
import type { LayerContext } from '../run/layer-context.ts';
import { checkSubscription, EventListeners } from '../run/event-listeners.ts';
import { reportFault } from '../logging.ts';
import { CallRunner } from './call-runner.ts';
import { POLICY_EVENTS } from './policy-events.ts';
import type { PolicyEventName, PolicyEvents } from './policy-events.ts';

/** Whether a value is a policy of this copy of fusewire. */
export function isLayer(value: unknown): value is Layer {
  return value instanceof Policy;
}

/**
 * Base of all policies. A policy runs calls, alone or as a layer of a `pipeline`.
 *
 * @typeParam Other type of the values that it may return besides those of the work.
 * @typeParam Names names of its events.
 * @typeParam Keyed whether each call must have the option `key`.
 */
export abstract class Policy<
  Other = never,
  Names extends PolicyEventName = PolicyEventName,
  Keyed extends boolean = false,
> extends CallRunner<Other, Keyed> {
  /** @internal */
  readonly runLayers: LayerWork = (context) => this.run(invoke, context);

  /** @internal */
  abstract readonly kind: Exclude<PolicyKind, 'breaker'>;

  /** Undefined until somebody listens. @internal */
  listeners: EventListeners<PolicyEvents> | undefined;
  #hasReportedListener = false;

  /** @internal */
  constructor(name: string) {
    super(name);
    // Prints the name and the counters, if the policy has any.
    printWith(this, (depth, options, inspect) =>
      inspected(this.constructor.name, () => summaryOf(this), depth, options, inspect),
    );
  }

  /** @internal */
  abstract run(work: LayerWork, context: LayerContext, idempotent?: boolean): Promise<unknown>;

  /**
   * Calls `listener` for every event of that name. A listener cannot fail a call: if it throws or rejects, the first such error
   * is reported as a warning.
   *
   * @returns a function that removes the listener.
   * @throws {TypeError} if there is no such event, or `listener` is not a function.
   */
  on<Name extends Names>(event: Name, listener: (event: PolicyEvents[Name]) => unknown): () => void {
    return this.#listen(event, listener, false);
  }

  /** Calls `listener` like {@link on}, but only for the next event. */
  once<Name extends Names>(event: Name, listener: (event: PolicyEvents[Name]) => unknown): () => void {
    return this.#listen(event, listener, true);
  }

  /** Removes the latest subscription of `listener`, if there is one. */
  off<Name extends Names>(event: Name, listener: (event: PolicyEvents[Name]) => unknown): void {
    this.listeners?.remove(event, listener);
  }

  /** Emits an event to those who listen. Callers check `listeners` first, so that nothing is made for nobody. @internal */
  emit<Name extends Names>(name: Name, details: Omit<PolicyEvents[Name], 'policy'>): void {
    if (this.listeners?.has(name)) {
      this.listeners.emit(name, { policy: this.name, ...details } as unknown as PolicyEvents[Name]);
    }
  }

  #listen<Name extends Names>(name: Name, listener: (event: PolicyEvents[Name]) => unknown, once: boolean): () => void {
    checkSubscription(`Policy ${this.name}`, POLICY_EVENTS[this.kind], name, listener);
    this.listeners ??= new EventListeners((message, error) => {
      if (this.#hasReportedListener) return;
      this.#hasReportedListener = true;
      reportFault(undefined, `Policy ${this.name}: ${message}`, error);
    });
    return this.listeners.add(name, listener, once);
  }
}

/** Sets the option `observables` of a new policy, and returns the policy. */
export function withObservables<Each extends Policy<unknown, PolicyEventName, boolean>>(
  policy: Each,
  observables: ObservableHandling | undefined,
): Each {
  policy.observables = observables;
  return policy;
}

function summaryOf(policy: Policy<unknown, PolicyEventName, boolean> & { getStats?(): object }): object {
  const counters = Object.entries(policy.getStats?.() ?? {}).filter(([, value]) => typeof value === 'number');
  return { name: policy.name, ...Object.fromEntries(counters) };
}
