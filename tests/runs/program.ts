import type { Command } from './commands.ts';
import type { Pipeline } from 'fusewire';
import type { Fusewire } from './target.ts';

/** Error or value of one piece of work, which knows the call it belongs to. */
export class Mark extends Error {
  readonly call: number;

  constructor(call: number, what: string) {
    super(`${what} of call ${call}`);
    this.call = call;
  }
}

/** Receives what code of the user sees, and checks that it runs for its own call. */
export interface Observer {
  /** Notes that code ran that belongs to the call of `subject`, a mark or the number of a call. */
  ran(what: string, subject: unknown): void;
  /** Makes another call, from code of the user, once in a path. */
  reenter(): void;
  /** Aborts the present call, from code of the user, once in a path. */
  abortOwn(): void;
}

/** Layers of a program, with the policies whose stats are checked. */
export interface Subject {
  readonly calls: Pick<Pipeline<unknown>, 'execute'>;
  readonly breaker?: InstanceType<Fusewire['CircuitBreaker']> | undefined;
  /** Policies with stats. */
  readonly policies?: readonly { readonly name: string; getStats(): object }[];
  /** Limiters of which each piece of work holds exactly one slot, with their limit. */
  readonly limiters?: readonly { readonly limit: number; readonly policy: { getStats(): LimiterReading } }[];
}

interface LimiterReading {
  readonly running: number;
  readonly waiting: number;
  readonly overrunning: number;
}

/** A small program: layers, calls, and what may happen to them. */
export interface Program {
  readonly name: string;
  /** Number of calls. */
  readonly calls: number;
  /** Steps that are chosen; what is left then ends by itself. */
  readonly depth: number;
  /** Priorities of the calls, in turn. */
  readonly priorities?: readonly (0 | 1 | 2 | 3 | 4)[];
  /** Whether callers may abort. */
  readonly aborts?: boolean;
  /** Whether work rejects when its signal aborts. Otherwise it is deaf. */
  readonly heeds?: boolean;
  /** Whether work may throw at once or return a value at once. */
  readonly atOnce?: boolean;
  /** Commands of an operator that may come once each. */
  readonly commands?: readonly Command[];
  /** Whether two events may come before the promises of the first have run. */
  readonly together?: boolean;
  /** Whether calls share their work, so that it runs for the first of them. */
  readonly shared?: boolean;
  /** Whether the time in a queue counts for no timeout, so that a call cannot time out before its work begins. */
  readonly waitsFree?: boolean;
  /** Whether code of the user throws, which the breaker counts. */
  readonly throws?: boolean;
  /** Whether a call may have several pieces of work at a time. */
  readonly hedged?: boolean;
  /** Whether work that may have happened is not repeated, so that no two pieces of work of one call run at a time. */
  readonly once?: boolean;
  /** Whether timers may fire late, as in a process that was frozen. */
  readonly late?: boolean;
  /** Creates the layers anew. */
  create(fusewire: Fusewire, observer: Observer): Subject;
}
