import { plugDeadlines } from './deadlines.ts';
import type { Deadline, Deadlines } from './deadlines.ts';

/**
 * A timer for each call. Where a timer ends with the request in which it was set, one that calls share would be gone with
 * the first request, and no call would time out again.
 */
class RequestTimers implements Deadlines {
  readonly duration: number;
  readonly #timers = new WeakMap<Deadline, ReturnType<typeof setTimeout>>();

  constructor(duration: number) {
    this.duration = duration;
  }

  add(call: Deadline): void {
    this.#timers.set(
      call,
      setTimeout(() => call.expire(), this.duration),
    );
  }

  remove(call: Deadline): void {
    clearTimeout(this.#timers.get(call));
    this.#timers.delete(call);
  }
}

/** Has every call set a timer of its own. */
export function plugRequestTimers(): void {
  plugDeadlines((duration) => new RequestTimers(duration));
}
