import { whenSettled } from './promises.ts';

/** Who must know of work that goes on after its call has ended. */
export interface SlotHolder {
  /** The call has ended, `work` has not. */
  hold(work: Promise<unknown>): void;
}

/** The part of a policy that tells how much work goes on after its calls have ended. */
export interface OverrunCounter {
  overrunning: number;
}

/** Counts work from now until it ends. */
export function countUntilSettled(counter: OverrunCounter, work: Promise<unknown>, onEnd?: () => void): void {
  const ended = () => {
    counter.overrunning--;
    onEnd?.();
  };
  counter.overrunning++;
  whenSettled(work, ended, ended);
}
