/** Time that passes when it is told to, in place of the real one: for the whole of this thread. */

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly work: () => void;
}

export class VirtualTime {
  now = 0;
  #order = 0;
  #timers: Timer[] = [];
  readonly #cancelled = new Set<number>();
  readonly #turn = new MessageChannel();

  /** Puts it in place of clocks and timers. */
  install(): void {
    const now = (): number => this.now;
    Object.defineProperty(performance, 'now', { value: now });
    Date.now = now;
    Object.assign(globalThis, {
      setTimeout: (work: () => void, wait = 0) => this.after(wait, work),
      clearTimeout: (order: number) => this.#cancelled.add(order),
    });
  }

  /** Has `work` done after so many milliseconds. */
  after(wait: number, work: () => void): number {
    const timer = { at: this.now + Math.max(0, wait), order: ++this.#order, work };
    this.#push(timer);
    return timer.order;
  }

  /** Lets time pass until `end`, from one timer to the next; what a timer sets off is done before the next one. */
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

  /** After everything that is already waiting to be done. */
  #nextTurn(): Promise<void> {
    return new Promise((resolve) => {
      this.#turn.port1.onmessage = () => resolve();
      this.#turn.port2.postMessage(0);
    });
  }

  /** A heap: the earliest timer first, those of the same instant in the order in which they were set. */
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
