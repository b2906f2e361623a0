/** Virtual time: clock and timers of a thread that advance on demand. */

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly work: () => void;
}

/** A clock with a queue of timers. */
export class VirtualTime {
  now = 0;
  #order = 0;
  #timers: Timer[] = [];
  readonly #cancelled = new Set<number>();
  readonly #turn = new MessageChannel();

  /** Replaces the clocks and timers of this thread. */
  install(): void {
    const now = (): number => this.now;
    Object.defineProperty(performance, 'now', { value: now });
    Date.now = now;
    Object.assign(globalThis, {
      setTimeout: (work: () => void, wait = 0) => this.after(wait, work),
      clearTimeout: (order: number) => this.#cancelled.add(order),
    });
  }

  /** Schedules `work` after `wait` milliseconds; returns the number of the timer. */
  after(wait: number, work: () => void): number {
    const timer = { at: this.now + Math.max(0, wait), order: ++this.#order, work };
    this.#push(timer);
    return timer.order;
  }

  /** Advances to `end`, timer by timer. Promise reactions of one timer run before the next timer. */
  async runUntil(end: number): Promise<void> {
    while ((this.#timers[0]?.at ?? Infinity) <= end) {
      const timer = this.#pop();
      if (this.#cancelled.delete(timer.order)) continue;
      this.now = timer.at;
      timer.work();
      await this.#nextTurn();
    }
    this.now = end;
  }

  /** Resolves after every task that is already queued. */
  #nextTurn(): Promise<void> {
    return new Promise((resolve) => {
      this.#turn.port1.onmessage = () => resolve();
      this.#turn.port2.postMessage(0);
    });
  }

  /** Adds to the heap: earliest timer first, timers of the same instant in the order they were set. */
  #push(timer: Timer): void {
    const timers = this.#timers;
    timers.push(timer);
    for (let child = timers.length - 1; child > 0;) {
      const parent = (child - 1) >> 1;
      if (!isBefore(timers[child] as Timer, timers[parent] as Timer)) return;
      [timers[child], timers[parent]] = [timers[parent] as Timer, timers[child] as Timer];
      child = parent;
    }
  }

  #pop(): Timer {
    const timers = this.#timers;
    const first = timers[0] as Timer;
    const last = timers.pop() as Timer;
    if (timers.length === 0) return first;
    timers[0] = last;
    for (let parent = 0; ;) {
      const [left, right] = [2 * parent + 1, 2 * parent + 2];
      let least = parent;
      if (left < timers.length && isBefore(timers[left] as Timer, timers[least] as Timer)) least = left;
      if (right < timers.length && isBefore(timers[right] as Timer, timers[least] as Timer)) least = right;
      if (least === parent) return first;
      [timers[parent], timers[least]] = [timers[least] as Timer, timers[parent] as Timer];
      parent = least;
    }
  }
}

const isBefore = (one: Timer, other: Timer): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order);
