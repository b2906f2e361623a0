import type { CircuitBreakerOptions, CircuitState, RejectionReason, TransitionReason } from 'fusewire';

/** What happened to a breaker, as plain data: it can be written as JSON and read again. */
export interface EventLog {
  /** The format. */
  readonly version: 1;
  /** The options that the engine was given, the seed of its jitter among them; functions are left out. */
  readonly options: CircuitBreakerOptions;
  /** In the order in which it happened. Times are milliseconds of the breaker's clock. */
  readonly entries: readonly LogEntry[];
  /** When the log was taken, on the breaker's clock. */
  readonly until: number;
  /** True where more happened than the log was to hold. */
  readonly truncated: boolean;
}

/** One thing that happened. */
export type LogEntry = AdmissionEntry | OutcomeEntry | RejectionEntry | OrderEntry | TransitionEntry;

/** A call was admitted. */
export interface AdmissionEntry {
  readonly type: 'admission';
  readonly at: number;
  /** Which call: the number that its outcome has. */
  readonly call: number;
}

/** A call ended. */
export interface OutcomeEntry {
  readonly type: 'outcome';
  readonly at: number;
  readonly call: number;
  readonly outcome: 'success' | 'failure' | 'timeout' | 'ignored';
  /** For how many milliseconds the failure opened the circuit by order of `classify`, where it did. */
  readonly openFor?: number;
}

/** A call was not admitted. */
export interface RejectionEntry {
  readonly type: 'rejection';
  readonly at: number;
  readonly reason: RejectionReason;
}

/** An operator gave an order. */
export interface OrderEntry {
  readonly type: 'order';
  readonly at: number;
  readonly order: 'forceOpen' | 'forceClosed' | 'shadow' | 'releaseOverride' | 'reset' | 'release';
  /** Which order is released: how many orders stand before it. */
  readonly released?: number;
}

/** The state changed, or under shadow mode would have. */
export interface TransitionEntry extends RecordedTransition {
  readonly type: 'transition';
  /** When it was seen. */
  readonly at: number;
}

/** A change of the state. */
export interface RecordedTransition {
  readonly from: CircuitState;
  readonly to: CircuitState;
  readonly reason: TransitionReason;
  readonly shadow: boolean;
}
