import type { BreakerRegistry, CircuitBreaker, Pipeline, Policy, PolicyEventName } from 'fusewire';
import type { Consumer, Queued } from 'fusewire/queue';

/** Something whose events a log can record. */
export type Watchable =
  | BreakerRegistry
  | CircuitBreaker
  | Pipeline<unknown, boolean>
  | Policy<unknown, PolicyEventName, boolean>
  | Consumer
  | Queued;

/** Options of `watch`. */
export interface WatchOptions {
  /** Name of the breaker in the events of a policy or a queue. Default: that of the pipeline's breaker, or null. */
  readonly breaker?: string | undefined;
}
