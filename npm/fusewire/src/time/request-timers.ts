import type { Timer } from './timer.ts';
import { installDeadlines } from './deadlines.ts';
import type { Deadline, Deadlines } from './deadlines.ts';
import { whenSettled } from '../run/promises.ts';
import { installSleepScheduler } from './sleep-scheduler.ts';
import type { SleepScheduler } from './sleep-scheduler.ts';
import { installRequestKeepAlive } from './request-keep-alive.ts';
import type { RequestKeepAlive } from './request-keep-alive.ts';

/**
 * A timer for each call. Where a timer ends with the request in which it was set, one that calls share would be gone with
 * the first request, and no call would time out again.
 */
class RequestTimers implements SleepScheduler {
  readonly #timers = new WeakMap<Timer, ReturnType<typeof setTimeout>>();

  add(alarm: Timer, duration: number): void {
    this.#timers.set(
      alarm,
      setTimeout(() => alarm.expire(), duration),
    );
  }

  remove(alarm: Timer): void {
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
const POLL_INTERVAL = 50;

/**
 * A request that waits for nothing of its own is taken for hung and ended; and a timer that was to wake the calls of others
 * may be gone with its request. So a call that waits for another has a timer of its own.
 */
const pollingKeepAlive: RequestKeepAlive = {
  keep(waited, look) {
    const timer = setInterval(look, POLL_INTERVAL);
    const end = () => clearInterval(timer);
    whenSettled(waited, end, end);
  },
};

/** Has every call set a timer of its own. */
export function installRequestTimers(): void {
  const timers = new RequestTimers();
  installDeadlines((duration) => new RequestDeadlines(duration, timers));
  installSleepScheduler(timers);
  installRequestKeepAlive(pollingKeepAlive);
}
