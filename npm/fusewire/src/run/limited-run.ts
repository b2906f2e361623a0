import type { Deadline, Deadlines } from '../time/deadlines.ts';
import { callInScope } from './async-scope.ts';
import { Run } from './run.ts';

/** Run that may have a deadline. */
export abstract class LimitedRun extends Run implements Deadline {
  deadline = 0;
  previous: Deadline | undefined;
  next: Deadline | undefined;
  #deadlines: Deadlines | undefined;

  /** Gives the run a deadline. @param now time of the deadlines' clock. */
  startDeadline(deadlines: Deadlines, now = deadlines.clock()): void {
    this.#deadlines = deadlines;
    deadlines.add(this, now);
  }

  /** Removes the deadline, if there is one. */
  stopDeadline(): void {
    const deadlines = this.#deadlines;
    if (deadlines === undefined) return;
    this.#deadlines = undefined;
    deadlines.remove(this);
  }

  expire(): void {
    this.stopDeadline();
    if (this.isOpen) callInScope(this.scope, () => this.timedOut());
  }

  /** Called when the deadline has passed. */
  protected abstract timedOut(): void;

  protected override close(): void {
    this.stopDeadline();
    super.close();
  }
}
