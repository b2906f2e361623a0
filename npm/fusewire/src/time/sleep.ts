import { joined, left, wakingUntil } from './timer.ts';
import type { Alarm, Row } from './timer.ts';
import { defaultClock } from './clock.ts';

/** Something that waits for a time of its own. */
export interface Sleeper extends Alarm {
  /** Where it stands among the others. */
  place: number;
}

/** Everything that waits. */
export interface Sleeps {
  /** Wakes `sleeper` so many milliseconds from now. One that falls asleep again as it wakes is not woken in the same turn. */
  add(sleeper: Sleeper, duration: number): void;
  /** Takes it out, if it is in. */
  remove(sleeper: Sleeper): void;
}

/** Sleepers in a binary heap: the head is the one to wake first. */
class SleepHeap implements Sleeps, Row {
  watched = false;
  readonly #heap: Sleeper[] = [];

  get head(): Sleeper | undefined {
    return this.#heap[0];
  }

  add(sleeper: Sleeper, duration: number): void {
    sleeper.deadline = Math.max(defaultClock() + duration, wakingUntil);
    this.#rise(sleeper, this.#heap.length);
    joined(this, sleeper.deadline);
  }

  remove(sleeper: Sleeper): void {
    if (this.#heap[sleeper.place] !== sleeper) return;
    const last = this.#heap.pop() as Sleeper;
    if (last !== sleeper) {
      if (last.deadline < sleeper.deadline) this.#rise(last, sleeper.place);
      else this.#sink(last, sleeper.place);
    }
    left();
  }

  #rise(sleeper: Sleeper, from: number): void {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#heap[above] as Sleeper;
      if (parent.deadline <= sleeper.deadline) break;
      this.#put(parent, place);
      place = above;
    }
    this.#put(sleeper, place);
  }

  #sink(sleeper: Sleeper, from: number): void {
    let place = from;
    for (;;) {
      let below = 2 * place + 1;
      const one = this.#heap[below];
      const other = this.#heap[below + 1];
      if (one === undefined) break;
      if (other !== undefined && other.deadline < one.deadline) below++;
      const child = this.#heap[below] as Sleeper;
      if (sleeper.deadline <= child.deadline) break;
      this.#put(child, place);
      place = below;
    }
    this.#put(sleeper, place);
  }

  #put(sleeper: Sleeper, place: number): void {
    this.#heap[place] = sleeper;
    sleeper.place = place;
  }
}

/** Everything in the process that waits. */
export let sleeps: Sleeps = new SleepHeap();

/** Has sleepers woken in another way; an entry of the package does so where its platform needs it. */
export function plugSleeps(other: Sleeps): void {
  sleeps = other;
}
