import { timerAdded, timerRemoved, expiringUntil } from './timer.ts';
import type { Timer, TimerQueue } from './timer.ts';
import { defaultClock } from './clock.ts';

/** Something that waits for a time of its own. */
export interface SleepTimer extends Timer {
  /** Where it stands among the others. */
  heapIndex: number;
}

/** Everything that waits. */
export interface SleepScheduler {
  /** Wakes `sleeper` so many milliseconds from now. One that falls asleep again as it wakes is not woken in the same turn. */
  add(sleeper: SleepTimer, duration: number): void;
  /** Takes it out, if it is in. */
  remove(sleeper: SleepTimer): void;
}

/** Sleepers in a binary heap: the head is the one to wake first. */
class SleepHeap implements SleepScheduler, TimerQueue {
  watched = false;
  readonly #heap: SleepTimer[] = [];

  get head(): SleepTimer | undefined {
    return this.#heap[0];
  }

  add(sleeper: SleepTimer, duration: number): void {
    sleeper.deadline = Math.max(defaultClock() + duration, expiringUntil);
    this.#rise(sleeper, this.#heap.length);
    timerAdded(this, sleeper.deadline);
  }

  remove(sleeper: SleepTimer): void {
    if (this.#heap[sleeper.heapIndex] !== sleeper) return;
    const last = this.#heap.pop() as SleepTimer;
    if (last !== sleeper) {
      if (last.deadline < sleeper.deadline) this.#rise(last, sleeper.heapIndex);
      else this.#sink(last, sleeper.heapIndex);
    }
    timerRemoved();
  }

  #rise(sleeper: SleepTimer, from: number): void {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#heap[above] as SleepTimer;
      if (parent.deadline <= sleeper.deadline) break;
      this.#put(parent, place);
      place = above;
    }
    this.#put(sleeper, place);
  }

  #sink(sleeper: SleepTimer, from: number): void {
    let place = from;
    for (;;) {
      let below = 2 * place + 1;
      const one = this.#heap[below];
      const other = this.#heap[below + 1];
      if (one === undefined) break;
      if (other !== undefined && other.deadline < one.deadline) below++;
      const child = this.#heap[below] as SleepTimer;
      if (sleeper.deadline <= child.deadline) break;
      this.#put(child, place);
      place = below;
    }
    this.#put(sleeper, place);
  }

  #put(sleeper: SleepTimer, place: number): void {
    this.#heap[place] = sleeper;
    sleeper.heapIndex = place;
  }
}

/** Everything in the process that waits. */
export let sleepScheduler: SleepScheduler = new SleepHeap();

/** Has sleepers woken in another way; an entry of the package does so where its platform needs it. */
export function installSleepScheduler(other: SleepScheduler): void {
  sleepScheduler = other;
}
