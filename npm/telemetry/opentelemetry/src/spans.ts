import type { CircuitBreaker } from 'fusewire';
import { attributesOf, wordOf } from './breaker-instruments.ts';
import type { TelemetryApi } from './telemetry-api.ts';

/**
 * Writes the transitions of a breaker as events to the active span of the call that caused them, and the reason of a rejection
 * as an attribute. Returns a function that ends it.
 */
export function annotateSpans(breaker: CircuitBreaker, { trace }: TelemetryApi): () => void {
  const listeners = [
    breaker.on('stateChange', ({ from, to, reason, shadow }) => {
      trace.getActiveSpan()?.addEvent('fusewire.transition', {
        ...attributesOf(breaker.name),
        'fusewire.state.from': wordOf(from),
        'fusewire.state.to': wordOf(to),
        'fusewire.transition.reason': reason,
        'fusewire.transition.shadow': shadow,
      });
    }),
    breaker.on('reject', ({ reason }) => {
      const span = trace.getActiveSpan();
      span?.setAttribute('fusewire.breaker.name', breaker.name);
      span?.setAttribute('fusewire.rejection.reason', reason);
    }),
  ];
  return () => {
    for (const remove of listeners) remove();
  };
}
