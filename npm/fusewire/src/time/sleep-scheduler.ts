import { requestTimers } from './request-timers.ts';
import { expiringUntil, timerAdded, timerRemoved } from './timer.ts';
import type { TimerQueue } from './timer.ts';
import { defaultClock } from './clock.ts';
import type { SleepScheduler, SleepTimer } from './schedules.ts';

export type { SleepScheduler, SleepTimer } from './schedules.ts';

/** Scheduler with a binary heap, whose head is the timer that expires first. */
class SleepHeap implements SleepScheduler, TimerQueue {
  watched = false;
  readonly #heap: SleepTimer[] = [];

  get head(): SleepTimer | undefined {
    return this.#heap[0];
  }

  add(timer: SleepTimer, duration: number): void {
    timer.deadline = Math.max(defaultClock() + duration, expiringUntil);
    this.#siftUp(timer, this.#heap.length);
    timerAdded(this, timer.deadline);
  }

  remove(timer: SleepTimer): void {
    if (this.#heap[timer.heapIndex] !== timer) return;
    const last = this.#heap.pop() as SleepTimer;
    if (last !== timer) {
      if (last.deadline < timer.deadline) this.#siftUp(last, timer.heapIndex);
      else this.#siftDown(last, timer.heapIndex);
    }
    timerRemoved();
  }

  #siftUp(timer: SleepTimer, from: number): void {
    let index = from;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = this.#heap[above] as SleepTimer;
      if (parent.deadline <= timer.deadline) break;
      this.#put(parent, index);
      index = above;
    }
    this.#put(timer, index);
  }

  #siftDown(timer: SleepTimer, from: number): void {
    let index = from;
    for (;;) {
      let below = 2 * index + 1;
      const left = this.#heap[below];
      const right = this.#heap[below + 1];
      if (left === undefined) break;
      if (right !== undefined && right.deadline < left.deadline) below++;
      const child = this.#heap[below] as SleepTimer;
      if (timer.deadline <= child.deadline) break;
      this.#put(child, index);
      index = below;
    }
    this.#put(timer, index);
  }

  #put(timer: SleepTimer, index: number): void {
    this.#heap[index] = timer;
    timer.heapIndex = index;
  }
}

/** Scheduler of the process. */
export const sleepScheduler: SleepScheduler = requestTimers ?? /* @__PURE__ */ new SleepHeap();
