import { whenSettled } from './promises.ts';

/** Owner of a slot or a counter that is held while work runs, also after the call has ended. */
export interface SlotHolder {
  /** Keeps the slot until `work` settles. It is called when the call ends before its work. */
  hold(work: Promise<unknown>): void;
}

/** Counter of work that still runs after its call has ended. */
export interface OverrunCounter {
  overrunning: number;
}

/** Counts work as overrunning until it settles. */
export function countUntilSettled(counter: OverrunCounter, work: Promise<unknown>, onEnd?: () => void): void {
  const settled = () => {
    counter.overrunning--;
    onEnd?.();
  };
  counter.overrunning++;
  whenSettled(work, settled, settled);
}
