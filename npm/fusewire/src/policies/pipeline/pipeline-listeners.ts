import { Circuit } from '../../breaker/circuit.ts';
import { EVENT_NAMES } from '../../breaker/events.ts';
import type { BreakerEvents } from '../../breaker/events.ts';
import { checkSubscription } from '../../run/event-listeners.ts';
import type { Layer } from '../../run/layer.ts';
import { Policy } from '../policy.ts';
import { POLICY_EVENTS } from '../policy-events.ts';
import type { PolicyEvents } from '../policy-events.ts';

/** Name of an event that a layer of a pipeline may have. */
export type PipelineEventName = keyof BreakerEvents | keyof PolicyEvents;

/** Payload of an event of a pipeline: that of the layer. A breaker has `breaker` in it, and a policy `policy`. */
export type PipelineEvent<Name extends PipelineEventName> =
  | (Name extends keyof BreakerEvents ? BreakerEvents[Name] : never)
  | (Name extends keyof PolicyEvents ? PolicyEvents[Name] : never);

const NAMES: readonly string[] = [...new Set([...EVENT_NAMES, ...Object.values(POLICY_EVENTS).flat()])];

interface Subscription {
  readonly name: string;
  readonly listener: unknown;
  readonly remove: () => void;
}

/** Listeners of a pipeline. They listen to each of its layers that has the event. */
export class PipelineListeners {
  readonly #pipeline: string;
  readonly #layers: ReadonlySet<Layer>;
  #subscriptions: readonly Subscription[] = [];

  constructor(pipeline: string, layers: readonly Layer[]) {
    this.#pipeline = pipeline;
    this.#layers = new Set(layers);
  }

  /** Adds a listener. Returns a function that removes it. */
  add(name: string, listener: (event: never) => unknown, once: boolean): () => void {
    checkSubscription(`Pipeline ${this.#pipeline}`, NAMES, name, listener);
    const receive = (event: unknown): unknown => {
      if (once) remove();
      return listener(event as never);
    };
    const removals = [...this.#layers].map((layer) => listen(layer, name, receive));
    const remove = (): void => {
      for (const removal of removals) removal?.();
      this.#subscriptions = this.#subscriptions.filter((other) => other !== subscription);
    };
    const subscription = { name, listener, remove };
    this.#subscriptions = [...this.#subscriptions, subscription];
    return remove;
  }

  /** Removes the latest subscription of a listener, if there is one. */
  remove(name: string, listener: unknown): void {
    this.#subscriptions.findLast((other) => other.name === name && other.listener === listener)?.remove();
  }
}

/** Listens to a layer, if it has such an event. */
function listen(layer: Layer, name: string, listener: (event: unknown) => unknown): (() => void) | undefined {
  if (layer instanceof Circuit) {
    if (layer.isDisposed || !EVENT_NAMES.includes(name)) return undefined;
    return layer.ensureListeners().add(name as keyof BreakerEvents, listener, false);
  }
  if (!(layer instanceof Policy) || !POLICY_EVENTS[layer.kind].includes(name as keyof PolicyEvents)) return undefined;
  return (layer as Policy<unknown>).on(name as keyof PolicyEvents, listener);
}
