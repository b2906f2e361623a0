/** Cases as Rust writes them down: see `tests/model/src/case.rs` and, for programs, `tests/model/src/program.rs`. */

type Coded = number | '$NaN' | '$Infinity' | '$-Infinity';

/** What is done, and what the clock then shows. */
export interface Step {
  readonly do: Act;
  readonly at?: Coded;
  readonly as?: string;
  readonly permit?: string;
  readonly outcome?: Outcome;
  readonly duration?: number;
  readonly openFor?: number;
  readonly times?: number;
  readonly every?: number;
  readonly restoreAt?: number;
}

/** A breaker, and what is done to it. */
export interface Case {
  readonly name: string;
  readonly at?: number;
  readonly options: object;
  readonly steps: readonly Step[];
}

/** One thing to do, told without knowing how the circuit will stand by then. */
export interface Operation {
  readonly do: Act;
  /** Milliseconds to wait before; from one of the deadlines to come, where `due` says which. */
  readonly wait?: number;
  readonly due?: number;
  /** The clock shows no number. */
  readonly blank?: boolean;
  /** Which of the permits that are held to settle; `again`, one that has been settled. */
  readonly which?: number;
  readonly again?: boolean;
  readonly outcome?: Outcome;
  readonly duration?: number;
  readonly openFor?: number;
  readonly times?: number;
  readonly every?: number;
  readonly restoreAt?: number;
}

/** A breaker, and what is to be done to it. */
export interface Program {
  readonly at: number;
  readonly options: object;
  readonly operations: readonly Operation[];
}

export type Outcome = 'success' | 'failure' | 'ignored' | 'timeout';
export type Act =
  | 'admit'
  | 'settle'
  | 'call'
  | 'poll'
  | 'look'
  | 'forceOpen'
  | 'releaseForcedOpen'
  | 'forceClosed'
  | 'shadow'
  | 'releaseOverride'
  | 'reset'
  | 'restore';

/** What a clock shows, as it is written. */
export function decoded(shown: Coded): number {
  return typeof shown === 'string' ? Number(shown.slice(1)) : shown;
}
