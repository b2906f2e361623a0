import { setTimeout as nodeSetTimeout } from 'node:timers';

/** An operation with a deadline, as a node of a linked list. */
export interface Deadline {
  /** Time of expiry, in milliseconds of `performance.now()`. */
  due: number;
  previous: Deadline | undefined;
  next: Deadline | undefined;
  /** Called if the deadline has passed. */
  expire(): void;
}

// Fake timers replace the global `setTimeout`, and may drop a pending timer when a test ends.
const realSetTimeout = nodeSetTimeout;

/**
 * Deadlines of the same duration, under one timer. They expire in the order in which they were added, so the first of
 * the list is always the next. Under fake timers each deadline has a timer of its own.
 */
export class Deadlines {
  /** Milliseconds. */
  readonly duration: number;
  #first: Deadline | undefined;
  #last: Deadline | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Time at which the timer fires. */
  #due = 0;
  /** Whether no further deadline will be added. */
  #isRetired = false;

  constructor(duration: number) {
    this.duration = duration;
  }

  /**
   * Starts a deadline. Returns its own timer, if it has one: the caller then clears this instead of calling `remove`.
   */
  add(deadline: Deadline): NodeJS.Timeout | undefined {
    if (setTimeout !== realSetTimeout) return setTimeout(() => deadline.expire(), this.duration);
    const last = this.#last;
    deadline.due = performance.now() + this.duration;
    deadline.previous = last;
    this.#last = deadline;
    if (last === undefined) this.#first = deadline;
    else last.next = deadline;
    if (this.#timer === undefined) this.#wait(deadline.due);
    else if (last === undefined) this.#timer.ref();
    return undefined;
  }

  /** Removes the deadline of an operation that has ended. */
  remove(deadline: Deadline): void {
    const { previous, next } = deadline;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    deadline.previous = deadline.next = undefined;
    if (this.#first === undefined) this.#rest();
  }

  /** Ends the timer after the last deadline. No deadline may be added any more. */
  retire(): void {
    this.#isRetired = true;
    if (this.#first === undefined) this.#rest();
  }

  /** Lets the timer stay for deadlines to come, without keeping the process alive. */
  #rest(): void {
    if (this.#isRetired) clearTimeout(this.#timer);
    else this.#timer?.unref();
  }

  #wait(due: number): void {
    this.#due = due;
    this.#timer = realSetTimeout(() => this.#expire(), Math.max(1, Math.ceil(due - performance.now())));
  }

  #expire(): void {
    // The timer may fire a little before `#due` by the clock: its deadline has passed nevertheless.
    const now = Math.max(this.#due, performance.now());
    try {
      while (this.#first !== undefined && this.#first.due <= now) {
        const first = this.#first;
        this.remove(first);
        first.expire();
      }
    } finally {
      this.#timer = undefined;
      if (this.#first !== undefined) this.#wait(this.#first.due);
    }
  }
}
