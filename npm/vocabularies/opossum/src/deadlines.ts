import { setTimeout as nodeSetTimeout } from 'node:timers';

/** Something that must not take longer than it may. */
export interface Deadline {
  /** On the clock of `performance`. */
  due: number;
  previous: Deadline | undefined;
  next: Deadline | undefined;
  /** The time is over. */
  expire(): void;
}

// Fake timers take the place of the global one, and what they hold can vanish without a word.
const realSetTimeout = nodeSetTimeout;

/**
 * What may take equally long, under one timer: it is over in the order of its start, so the first is always the next. Under
 * fake timers each has its own.
 */
export class Deadlines {
  /** Milliseconds. */
  readonly duration: number;
  #first: Deadline | undefined;
  #last: Deadline | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** When the timer is over. */
  #due = 0;

  constructor(duration: number) {
    this.duration = duration;
  }

  /** Its time begins. Returns its timer, if it has its own: then that is to be cleared when it is over in time. */
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

  /** It is over in time. */
  remove(deadline: Deadline): void {
    const { previous, next } = deadline;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    deadline.previous = deadline.next = undefined;
    // The timer goes on, for those to come, but holds no process.
    if (this.#first === undefined) this.#timer?.unref();
  }

  #wait(due: number): void {
    this.#due = due;
    this.#timer = realSetTimeout(() => this.#expire(), Math.max(1, Math.ceil(due - performance.now())));
  }

  #expire(): void {
    // What the timer was for is over, whatever the clock says.
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
