import type { Timer } from './timer.ts';
import { installDeadlines } from './deadlines.ts';
import type { Deadline, Deadlines } from './deadlines.ts';
import { whenSettled } from '../run/promises.ts';
import { installSleepScheduler } from './sleep-scheduler.ts';
import type { SleepScheduler } from './sleep-scheduler.ts';
import { installRequestKeepAlive } from './request-keep-alive.ts';
import type { RequestKeepAlive } from './request-keep-alive.ts';

/**
 * Timers of which each call has its own. On these platforms a timer ends with the request that has set it. A shared timer
 * would end with the first request, and no call would time out again.
 */
class RequestTimers implements SleepScheduler {
  readonly #handles = new WeakMap<Timer, ReturnType<typeof setTimeout>>();

  add(timer: Timer, duration: number): void {
    this.#handles.set(
      timer,
      setTimeout(() => timer.expire(), duration),
    );
  }

  remove(timer: Timer): void {
    clearTimeout(this.#handles.get(timer));
    this.#handles.delete(timer);
  }
}

/** Deadlines of all calls with the same timeout, each with a timer of its own. */
class RequestDeadlines implements Deadlines {
  readonly duration: number;
  readonly #timers: RequestTimers;

  constructor(duration: number, timers: RequestTimers) {
    this.duration = duration;
    this.#timers = timers;
  }

  add(call: Deadline, now: number): void {
    call.deadline = now + this.duration;
    this.#timers.add(call, this.duration);
  }

  remove(call: Deadline): void {
    this.#timers.remove(call);
  }
}

/** Milliseconds between two checks of a waiting call. */
const POLL_INTERVAL = 50;

/**
 * Keep-alive that polls with a timer for each waiting call. The runtime cancels a request that waits only for another request,
 * and the timer that would start waiting calls may end with its own request.
 */
const pollingKeepAlive: RequestKeepAlive = {
  keep(waited, recheck) {
    const timer = setInterval(recheck, POLL_INTERVAL);
    const end = () => clearInterval(timer);
    whenSettled(waited, end, end);
  },
};

/** Gives every call a timer of its own, for platforms whose timers end with their request. */
export function installRequestTimers(): void {
  const timers = new RequestTimers();
  installDeadlines((duration) => new RequestDeadlines(duration, timers));
  installSleepScheduler(timers);
  installRequestKeepAlive(pollingKeepAlive);
}
