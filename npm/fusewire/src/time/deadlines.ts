import { timerAdded, timerRemoved } from './timer.ts';
import type { Timer, TimerQueue } from './timer.ts';

/** A call that must not take longer than it may. */
export interface Deadline extends Timer {
  previous: Deadline | undefined;
  next: Deadline | undefined;
}

/** The deadlines of calls that may take equally long. */
export interface Deadlines {
  /** Milliseconds. */
  readonly duration: number;
  /** Adds a call that starts now. */
  add(call: Deadline, now: number): void;
  /** Takes a call out. */
  remove(call: Deadline): void;
}

let make = (duration: number): Deadlines => DeadlineList.of(duration);

/** Has deadlines kept in another way; an entry of the package does so where its platform needs it. */
export function installDeadlines(maker: (duration: number) => Deadlines): void {
  make = maker;
}

/** The deadlines of all calls that may take that many milliseconds. */
export function deadlinesOf(duration: number): Deadlines {
  return make(duration);
}

/** Calls that may take equally long: they expire in the order of their starts, so the head is always the next. */
class DeadlineList implements Deadlines, TimerQueue {
  readonly duration: number;
  head: Deadline | undefined;
  tail: Deadline | undefined;
  watched = false;

  private constructor(duration: number) {
    this.duration = duration;
  }

  static readonly #lists = new Map<number, DeadlineList>();

  /** The list of all calls that may take that many milliseconds. */
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

  /** Takes a call out. */
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

/** Lists beyond this many durations are made anew; a breaker keeps the one it has. */
const MAX_LISTS = 256;
