/** Cases as Rust writes them down: see `tests/model/src/case.rs` and, for programs, `tests/model/src/program.rs`. */

type Coded = number | '$NaN' | '$Infinity' | '$-Infinity';

/** One action, and the time that the clock shows at it. */
export interface Step {
  readonly do: Act;
  readonly at?: Coded;
  readonly as?: string;
  readonly permit?: string;
  readonly hold?: string;
  readonly outcome?: Outcome;
  readonly duration?: number;
  readonly openFor?: number;
  readonly times?: number;
  readonly every?: number;
  readonly restoreAt?: number;
}

/** A breaker and the steps of its case. */
export interface Case {
  readonly name: string;
  readonly at?: number;
  readonly options: object;
  readonly steps: readonly Step[];
}

/** One operation, written without knowledge of the state that the circuit will have by then. */
export interface Operation {
  readonly do: Act;
  /** Milliseconds to wait before; counted from one of the coming deadlines if `due` names one. */
  readonly wait?: number;
  readonly due?: number;
  /** Whether the clock shows NaN. */
  readonly blank?: boolean;
  /**
   * Which of the held permits to settle; with `again`, one that was settled before. Or which override to release, counted
   * from the latest one.
   */
  readonly which?: number;
  readonly again?: boolean;
  readonly outcome?: Outcome;
  readonly duration?: number;
  readonly openFor?: number;
  readonly times?: number;
  readonly every?: number;
  readonly restoreAt?: number;
}

/** A breaker and its operations. */
export interface Program {
  readonly at: number;
  readonly options: object;
  readonly operations: readonly Operation[];
}

export type Outcome = 'success' | 'failure' | 'ignored' | 'timeout' | 'withdrawn';
export type Act =
  | 'admit'
  | 'settle'
  | 'call'
  | 'poll'
  | 'look'
  | 'open'
  | 'forceOpen'
  | 'release'
  | 'forceClosed'
  | 'shadow'
  | 'releaseOverride'
  | 'reset'
  | 'restore';

/** A time as JSON writes it. */
export function decoded(shown: Coded): number {
  return typeof shown === 'string' ? Number(shown.slice(1)) : shown;
}
