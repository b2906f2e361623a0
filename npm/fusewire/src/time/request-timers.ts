import type { Alarm } from './timer.ts';
import { plugDeadlines } from './deadlines.ts';
import type { Deadline, Deadlines } from './deadlines.ts';
import { whenSettled } from '../run/promises.ts';
import { plugSleeps } from './sleep.ts';
import type { Sleeps } from './sleep.ts';
import { plugVigil } from './request-keep-alive.ts';
import type { Vigil } from './request-keep-alive.ts';

/**
 * A timer for each call. Where a timer ends with the request in which it was set, one that calls share would be gone with
 * the first request, and no call would time out again.
 */
class RequestTimers implements Sleeps {
  readonly #timers = new WeakMap<Alarm, ReturnType<typeof setTimeout>>();

  add(alarm: Alarm, duration: number): void {
    this.#timers.set(
      alarm,
      setTimeout(() => alarm.expire(), duration),
    );
  }

  remove(alarm: Alarm): void {
    clearTimeout(this.#timers.get(alarm));
    this.#timers.delete(alarm);
  }
}

/** The deadlines of calls that may take equally long, each with a timer. */
class RequestDeadlines implements Deadlines {
  readonly duration: number;
  readonly #timers: RequestTimers;

  constructor(duration: number, timers: RequestTimers) {
    this.duration = duration;
    this.#timers = timers;
  }

  add(call: Deadline): void {
    this.#timers.add(call, this.duration);
  }

  remove(call: Deadline): void {
    this.#timers.remove(call);
  }
}

/** Milliseconds between two looks of a call that waits for another. */
const LOOK_INTERVAL = 50;

/**
 * A request that waits for nothing of its own is taken for hung and ended; and a timer that was to wake the calls of others
 * may be gone with its request. So a call that waits for another has a timer of its own.
 */
const requestVigil: Vigil = {
  keep(waited, look) {
    const timer = setInterval(look, LOOK_INTERVAL);
    const end = () => clearInterval(timer);
    whenSettled(waited, end, end);
  },
};

/** Has every call set a timer of its own. */
export function plugRequestTimers(): void {
  const timers = new RequestTimers();
  plugDeadlines((duration) => new RequestDeadlines(duration, timers));
  plugSleeps(timers);
  plugVigil(requestVigil);
}
