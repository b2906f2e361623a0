import { sleepScheduler } from '../time/sleep-scheduler.ts';
import type { SleepTimer } from '../time/sleep-scheduler.ts';
import { callInScope, captureScope } from './async-scope.ts';
import { Run } from './run.ts';

/** Run that may sleep, and then starts more work in the async scope of its call. */
export abstract class SleepingRun extends Run implements SleepTimer {
  deadline = 0;
  heapIndex = 0;
  #isAsleep = false;

  /** Sleeps for so many milliseconds. */
  protected sleep(duration: number): void {
    this.scope ??= captureScope();
    this.#isAsleep = true;
    sleepScheduler.add(this, duration);
  }

  protected get isAsleep(): boolean {
    return this.#isAsleep;
  }

  expire(): void {
    this.wake();
    if (this.isOpen) callInScope(this.scope, () => this.woken());
  }

  /** Called when the time is over. */
  protected abstract woken(): void;

  /** Ends the sleep, if the run is asleep. */
  protected wake(): void {
    if (!this.#isAsleep) return;
    this.#isAsleep = false;
    sleepScheduler.remove(this);
  }

  protected override close(): void {
    this.wake();
    super.close();
  }
}
