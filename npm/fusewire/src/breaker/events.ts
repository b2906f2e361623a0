import type { CircuitState, RejectionReason, TransitionReason } from '../engine/names.ts';

/** Event of a circuit that moved to another state. */
export interface StateChangeEvent {
  /** Name of the breaker. */
  readonly breaker: string;
  readonly from: CircuitState;
  readonly to: CircuitState;
  /** Reason of the transition. */
  readonly reason: TransitionReason;
  /** Whether the transition only would have happened: in shadow mode callers experience no change. */
  readonly shadow: boolean;
  /** Time at which the transition became due, even if the breaker was read later. */
  readonly at: Date;
  /** Count, rate or milliseconds that the reason is about, or null. */
  readonly observed: number | null;
  /** Limit that `observed` has reached, or null. */
  readonly threshold: number | null;
  /** The transition as a sentence; that of an opening has its numbers, the last error and the time of the next attempt. */
  readonly message: string;
}

/** Event of a call that succeeded. */
export interface SuccessEvent {
  readonly breaker: string;
  /** Milliseconds, or null if `responseTimes` is off. */
  readonly duration: number | null;
}

/** Event of a call that failed, timed out or was ignored. */
export interface FailureEvent {
  readonly breaker: string;
  /** Error of the call; undefined if `isFailure` classified its result as a failure. */
  readonly error: unknown;
  /** Milliseconds, or null if `responseTimes` is off. */
  readonly duration: number | null;
}

/** Event of a call that was not admitted. */
export interface RejectEvent {
  readonly breaker: string;
  readonly reason: RejectionReason;
  /** Whole milliseconds until a call may be admitted, rounded up; null while an operator holds the circuit open. */
  readonly retryAfter: number | null;
}

/** Event of a reset by an operator. */
export interface ResetEvent {
  readonly breaker: string;
}

/** Threshold that a prediction is about. */
export type PredictionSign = 'failure-threshold' | 'failure-rate' | 'slow-call-rate' | 'response-time';

/** Event of a predicted opening; see `adaptive`. */
export interface PredictionEvent {
  readonly breaker: string;
  /** Threshold that is going to be reached. */
  readonly sign: PredictionSign;
  /** Count, share or milliseconds now. */
  readonly observed: number;
  /** Value of the threshold. */
  readonly threshold: number;
  /** Milliseconds until the threshold is reached. */
  readonly expectedIn: number;
  /** The prediction as a sentence. */
  readonly message: string;
  /** Whether the prediction opens the circuit. */
  readonly enforced: boolean;
}

/** Events of a breaker, each with its payload. */
export interface BreakerEvents {
  /** The state changed; in shadow mode, it would have changed. */
  readonly stateChange: StateChangeEvent;
  /** The circuit opened. Follows `stateChange`. */
  readonly open: StateChangeEvent;
  /** The circuit became half-open. Follows `stateChange`. */
  readonly halfOpen: StateChangeEvent;
  /** The circuit closed. Follows `stateChange`. */
  readonly close: StateChangeEvent;
  /** A call succeeded. */
  readonly success: SuccessEvent;
  /** A call failed or timed out. */
  readonly failure: FailureEvent;
  /** A call exceeded the timeout of the breaker, or of a policy inside it. `failure` follows. */
  readonly timeout: FailureEvent;
  /** A call was not admitted. */
  readonly reject: RejectEvent;
  /** A call counted neither as a success nor as a failure. */
  readonly ignore: FailureEvent;
  /** An operator reset the breaker. */
  readonly reset: ResetEvent;
  /** The circuit is going to open; see `adaptive`. If the prediction opens it at once, `stateChange` follows. */
  readonly prediction: PredictionEvent;
}

/** Name of an event. */
export type BreakerEventName = keyof BreakerEvents;

/**
 * Function that receives an event right after the decision. It cannot change the decision or fail the call. If it throws or
 * returns a promise that rejects, the error is counted (`listenerErrors` of the stats) and reported.
 */
export type BreakerListener<Name extends BreakerEventName> = (event: BreakerEvents[Name]) => unknown;

/** Names of all events. */
export const EVENT_NAMES: readonly string[] = Object.keys({
  stateChange: true,
  open: true,
  halfOpen: true,
  close: true,
  success: true,
  failure: true,
  timeout: true,
  reject: true,
  ignore: true,
  reset: true,
  prediction: true,
} satisfies Record<BreakerEventName, true>);

/** Event that follows `stateChange` for each state. */
export const ENTERING = { OPEN: 'open', HALF_OPEN: 'halfOpen', CLOSED: 'close' } as const satisfies Record<
  CircuitState,
  BreakerEventName
>;
