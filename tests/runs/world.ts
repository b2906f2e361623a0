import { AsyncResource } from 'node:async_hooks';

const realSetImmediate = globalThis.setImmediate;

interface Task {
  readonly id: number;
  readonly due: number;
  readonly run: () => void;
  readonly scope: AsyncResource;
}

/**
 * Clock, timers and turns of an explored program. It replaces the globals of this process, so that nothing happens but what
 * the exploration chooses: import it before the package.
 */
class World {
  #now = 1_000;
  #lastId = 0;
  #timers: Task[] = [];
  #immediates: Task[] = [];

  get now(): number {
    return this.#now;
  }

  /** Time at which the next timer is due; undefined if none is set. */
  get nextDue(): number | undefined {
    return this.#timers.length === 0 ? undefined : Math.min(...this.#timers.map(({ due }) => due));
  }

  /** Whether a timer is set. */
  get hasTimer(): boolean {
    return this.#timers.length > 0;
  }

  /** Number of timers and immediates that are set. */
  get pending(): number {
    return this.#timers.length + this.#immediates.length;
  }

  /** Fires the next timer, so many milliseconds after it was due. */
  fireTimer(late = 0): void {
    this.#timers.sort((one, other) => one.due - other.due || one.id - other.id);
    const task = this.#timers.shift();
    if (task === undefined) return;
    this.#now = Math.max(this.#now, task.due + late);
    task.scope.runInAsyncScope(task.run);
  }

  /** Lets so many milliseconds pass without firing a timer: those that are due fire late. */
  standStill(milliseconds: number): void {
    this.#now += milliseconds;
  }

  /** Lets so many milliseconds pass, and fires the timers that are due. */
  pass(milliseconds: number): void {
    const until = this.#now + milliseconds;
    while (this.#timers.some(({ due }) => due <= until)) this.fireTimer();
    this.#now = Math.max(this.#now, until);
  }

  /** Runs microtasks and immediates until none is left. */
  async settle(): Promise<void> {
    await turn();
    for (let rounds = 0; this.#immediates.length > 0; rounds++) {
      if (rounds > 100) throw new Error('immediates without end');
      for (const task of this.#immediates.splice(0)) task.scope.runInAsyncScope(task.run);
      await turn();
    }
  }

  /** Forgets all timers and immediates. */
  clear(): void {
    this.#timers = [];
    this.#immediates = [];
  }

  install(): void {
    const add = (tasks: () => Task[], run: () => void, due: number): number => {
      const id = ++this.#lastId;
      tasks().push({ id, due, run, scope: new AsyncResource('timer') });
      return id;
    };
    const replacements = {
      setTimeout: (run: () => void, delay = 1) => add(() => this.#timers, run, this.#now + Math.max(1, delay)),
      clearTimeout: (id: number) => (this.#timers = this.#timers.filter((timer) => timer.id !== id)),
      setImmediate: (run: () => void) => add(() => this.#immediates, run, this.#now),
      clearImmediate: (id: number) => (this.#immediates = this.#immediates.filter((task) => task.id !== id)),
    };
    Object.assign(globalThis, replacements);
    Object.defineProperty(globalThis, 'performance', { value: { now: () => this.#now }, configurable: true });
  }
}

/** Resolves after all microtasks have run, and Node has reported promises that nobody handles. */
function turn(): Promise<void> {
  return new Promise((resolve) => realSetImmediate(resolve));
}

export const world = new World();
world.install();
