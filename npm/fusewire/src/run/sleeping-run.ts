import type { SleepScheduler, SleepTimer } from '../time/sleep-scheduler.ts';
import { callInScope, captureScope } from './async-scope.ts';
import { Run } from './run.ts';

/** Run that may sleep, and then starts more work in the async scope of its call. */
export abstract class SleepingRun extends Run implements SleepTimer {
  deadline = 0;
  heapIndex = 0;
  /** Scheduler of the present sleep; undefined while the run is awake. */
  #scheduler: SleepScheduler | undefined;

  /** Sleeps for so many milliseconds. */
  protected sleep(duration: number, scheduler: SleepScheduler): void {
    this.scope ??= captureScope();
    this.#scheduler = scheduler;
    scheduler.add(this, duration);
  }

  protected get isAsleep(): boolean {
    return this.#scheduler !== undefined;
  }

  expire(): void {
    this.wake();
    if (this.isOpen) callInScope(this.scope, () => this.woken());
  }

  /** Called when the time is over. */
  protected abstract woken(): void;

  /** Ends the sleep, if the run is asleep. */
  protected wake(): void {
    const scheduler = this.#scheduler;
    if (scheduler === undefined) return;
    this.#scheduler = undefined;
    scheduler.remove(this);
  }

  protected override close(): void {
    this.wake();
    super.close();
  }
}
