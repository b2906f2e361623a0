import type { Pipeline, PipelineEventName } from 'fusewire';
import type { Meter } from './telemetry-api.ts';

/** Metric of each event of the policies in a pipeline. */
const ACTIONS = [
  ['retry', 'fusewire.policy.retries', '{attempt}', 'Attempts after the first one'],
  ['hedge', 'fusewire.policy.hedges', '{copy}', 'Copies of slow calls'],
  ['timeout', 'fusewire.policy.timeouts', '{call}', 'Calls that a timeout policy ended'],
  ['enqueue', 'fusewire.policy.enqueued', '{call}', 'Calls that waited in the queue of a policy'],
  ['reject', 'fusewire.policy.rejections', '{call}', 'Calls that a policy did not run'],
  ['fallback', 'fusewire.policy.fallbacks', '{call}', 'Calls that a fallback answered'],
] as const satisfies readonly (readonly [PipelineEventName, ...string[]])[];

/** Returns a function that counts the actions of the policies in a pipeline. That one returns a function that ends it. */
export function countActions(meter: Meter): (pipeline: Pipeline<unknown, boolean>) => () => void {
  const counters = ACTIONS.map(([action, name, unit, description]) => ({
    action,
    counter: meter.createCounter(name, { unit, description }),
  }));
  return (pipeline) => {
    const listeners = counters.map(({ action, counter }) =>
      pipeline.on(action, (event) => {
        // Breakers have the events `reject` and `timeout` too, and instruments of their own.
        if (!('policy' in event)) return;
        const attributes = { 'fusewire.pipeline.name': pipeline.name, 'fusewire.policy.name': event.policy };
        counter.add(1, 'strategy' in event ? { ...attributes, 'fusewire.strategy': event.strategy } : attributes);
      }),
    );
    return () => {
      for (const remove of listeners) remove();
    };
  };
}
