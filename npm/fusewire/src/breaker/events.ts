import type { CircuitState, RejectionReason, TransitionReason } from '../engine/names.ts';

/** The circuit moved to another state. */
export interface StateChangeEvent {
  /** The name of the breaker. */
  readonly breaker: string;
  readonly from: CircuitState;
  readonly to: CircuitState;
  /** Why. */
  readonly reason: TransitionReason;
  /** True where shadow mode only tells what would have happened; callers then experience no change. */
  readonly shadow: boolean;
  /** When it became due: for a move that time makes, not when somebody looked. */
  readonly at: Date;
  /** The count, rate or milliseconds that the reason is about; null where it is about none. */
  readonly observed: number | null;
  /** What `observed` reached; null where nothing was to be reached. */
  readonly threshold: number | null;
}

/** A call succeeded. */
export interface SuccessEvent {
  readonly breaker: string;
  /** Milliseconds; null where `responseTimes` is off. */
  readonly duration: number | null;
}

/** A call failed. */
export interface FailureEvent {
  readonly breaker: string;
  /** What it threw or rejected with; undefined where `isFailure` judged its result. */
  readonly error: unknown;
  /** Milliseconds; null where `responseTimes` is off. */
  readonly duration: number | null;
}

/** A call was not admitted. */
export interface RejectEvent {
  readonly breaker: string;
  readonly reason: RejectionReason;
  /** Milliseconds until a call may be admitted; null where only an operator can tell. */
  readonly retryAfter: number | null;
}

/** Somebody reset the breaker. */
export interface ResetEvent {
  readonly breaker: string;
}

/** What a threshold that is going to be reached is about. */
export type PredictionSign = 'failure-threshold' | 'failure-rate' | 'slow-call-rate' | 'response-time';

/** A breaker made adaptive has foreseen that its circuit will open. */
export interface PredictionEvent {
  readonly breaker: string;
  /** Which threshold is going to be reached. */
  readonly sign: PredictionSign;
  /** The count, the share or the milliseconds, as they stand. */
  readonly observed: number;
  /** What they are going to reach. */
  readonly threshold: number;
  /** In so many milliseconds. */
  readonly expectedIn: number;
  /** The same in words. */
  readonly message: string;
  /** Whether it opens the circuit, or is only told. */
  readonly enforced: boolean;
}

/** What each event carries. */
export interface BreakerEvents {
  /** The state changed, or under shadow mode would have. */
  readonly stateChange: StateChangeEvent;
  /** The circuit opened. Follows `stateChange`. */
  readonly open: StateChangeEvent;
  /** The circuit became half-open. Follows `stateChange`. */
  readonly halfOpen: StateChangeEvent;
  /** The circuit closed. Follows `stateChange`. */
  readonly close: StateChangeEvent;
  /** A call succeeded. */
  readonly success: SuccessEvent;
  /** A call failed, timeouts among them. */
  readonly failure: FailureEvent;
  /** A call took longer than the breaker, or a timeout inside of it, lets it. `failure` follows. */
  readonly timeout: FailureEvent;
  /** A call was not admitted. */
  readonly reject: RejectEvent;
  /** A call counted neither way. */
  readonly ignore: FailureEvent;
  /** Somebody reset the breaker. */
  readonly reset: ResetEvent;
  /** The circuit is going to open: see `adaptive`. Where it is opened at once, `stateChange` follows. */
  readonly prediction: PredictionEvent;
}

/** The name of an event. */
export type BreakerEventName = keyof BreakerEvents;

/**
 * Is told of an event right after the decision. It cannot change the decision or fail the call: what it throws, or what
 * the promise it returns rejects with, is counted (`listenerErrors` of the stats) and reported.
 */
export type BreakerListener<Name extends BreakerEventName> = (event: BreakerEvents[Name]) => unknown;

/** Every event there is. */
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

/** The event that tells of entering a state. */
export const ENTERING = { OPEN: 'open', HALF_OPEN: 'halfOpen', CLOSED: 'close' } as const satisfies Record<
  CircuitState,
  BreakerEventName
>;
