import type { CircuitBreakerOptions, CircuitState, RejectionReason, TransitionReason, UpdateOptions } from 'fusewire';

/** Log of a recorded breaker as plain data, which can be stored as JSON. */
export interface EventLog {
  /** Version of the format. */
  readonly version: 1;
  /** Options of the breaker, including the seed of its jitter, but without functions. */
  readonly options: CircuitBreakerOptions;
  /** Entries in the order in which they happened. Times are milliseconds of the breaker's clock. */
  readonly entries: readonly LogEntry[];
  /** Time of the breaker's clock at which the log was read. */
  readonly until: number;
  /** Whether entries are missing because the log was full. */
  readonly truncated: boolean;
}

/** Entry of a log. */
export type LogEntry = AdmissionEntry | OutcomeEntry | RejectionEntry | OrderEntry | TransitionEntry;

/** Entry for an admitted call. */
export interface AdmissionEntry {
  readonly type: 'admission';
  readonly at: number;
  /** Number of the call. Its outcome has the same number. */
  readonly call: number;
}

/** Entry for the outcome of a call. */
export interface OutcomeEntry {
  readonly type: 'outcome';
  readonly at: number;
  readonly call: number;
  readonly outcome: 'success' | 'failure' | 'timeout' | 'ignored';
  /** Milliseconds for which `classify` opened the circuit, if it did. */
  readonly openFor?: number;
}

/** Entry for a rejected call. */
export interface RejectionEntry {
  readonly type: 'rejection';
  readonly at: number;
  readonly reason: RejectionReason;
}

/** Entry for a call of an operator method, such as `forceOpen()`. */
export interface OrderEntry {
  readonly type: 'order';
  readonly at: number;
  readonly order: 'forceOpen' | 'forceClosed' | 'shadow' | 'releaseOverride' | 'reset' | 'release' | 'open' | 'update';
  /** Index of the order that is released, among all orders of the log. */
  readonly released?: number;
  /** Milliseconds for which `open` opened the circuit; missing if they are those of the options. */
  readonly duration?: number;
  /** Options that `update` changed. */
  readonly changes?: UpdateOptions;
}

/** Entry for a change of the state, or for one that shadow mode prevented. */
export interface TransitionEntry extends RecordedTransition {
  readonly type: 'transition';
  /** Time at which the breaker reported the transition. */
  readonly at: number;
}

/** Change of the state. */
export interface RecordedTransition {
  readonly from: CircuitState;
  readonly to: CircuitState;
  readonly reason: TransitionReason;
  readonly shadow: boolean;
}
