import { requestTimers } from './request-timers.ts';
import { defaultClock } from './clock.ts';
import { timerAdded, timerRemoved } from './timer.ts';
import type { TimerQueue } from './timer.ts';
import type { Deadline, Deadlines } from './schedules.ts';

export type { Deadline, Deadlines } from './schedules.ts';

/** Returns the deadlines of all calls with that timeout in milliseconds. */
export function deadlinesOf(duration: number): Deadlines {
  return requestTimers === undefined ? DeadlineList.of(duration) : requestTimers.deadlinesOf(duration);
}

/** List of the calls with the same timeout. They expire in the order of their starts, so that the head is the next. */
class DeadlineList implements Deadlines, TimerQueue {
  readonly clock = defaultClock;
  readonly duration: number;
  head: Deadline | undefined;
  tail: Deadline | undefined;
  watched = false;

  private constructor(duration: number) {
    this.duration = duration;
  }

  static readonly #lists = new Map<number, DeadlineList>();

  /** Returns the list for that timeout in milliseconds. */
  static of(duration: number): DeadlineList {
    const lists = DeadlineList.#lists;
    let list = lists.get(duration);
    if (list === undefined) {
      if (lists.size >= MAX_LISTS) lists.clear();
      lists.set(duration, (list = new DeadlineList(duration)));
    }
    return list;
  }

  /** Adds a call that starts now. */
  add(call: Deadline, now: number): void {
    const { tail } = this;
    call.deadline = now + this.duration;
    call.previous = tail;
    this.tail = call;
    if (tail === undefined) this.head = call;
    else tail.next = call;
    timerAdded(this, call.deadline);
  }

  /** Removes a call. */
  remove(call: Deadline): void {
    const { previous, next } = call;
    if (previous === undefined) this.head = next;
    else previous.next = next;
    if (next === undefined) this.tail = previous;
    else next.previous = previous;
    call.previous = call.next = undefined;
    timerRemoved();
  }
}

/** Largest number of lists kept for reuse. Breakers keep the lists that they use. */
const MAX_LISTS = 256;
