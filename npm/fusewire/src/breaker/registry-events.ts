import type { CircuitState } from '../engine/names.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';

/** Event of a breaker that the registry has created. */
export interface BreakerCreatedEvent {
  readonly name: string;
  readonly breaker: CircuitBreaker;
}

/** Event of a breaker that has left the registry. It still works for its holders, unless it was disposed. */
export interface BreakerEvictedEvent extends BreakerCreatedEvent {
  /** `'idle'`: nobody used it; `'max'`: it made room for a new one; or somebody deleted or disposed of it. */
  readonly reason: 'idle' | 'max' | 'deleted' | 'disposed';
}

/** Events of a registry, each with its payload. */
export interface RegistryEvents {
  readonly created: BreakerCreatedEvent;
  readonly evicted: BreakerEvictedEvent;
}

/** Health of the breakers of a registry. It contains names, states and times, and nothing of any call or error. */
export interface RegistryHealth {
  /** `'ok'` if callers experience no open or half-open circuit. */
  readonly status: 'ok' | 'degraded';
  readonly breakers: Readonly<Record<string, BreakerHealth>>;
}

/** Health of one breaker. */
export interface BreakerHealth {
  /** State that callers experience. */
  readonly state: CircuitState;
  /** Whole milliseconds until a call may be admitted; null while an operator holds the circuit open. */
  readonly retryAfter: number | null;
}
