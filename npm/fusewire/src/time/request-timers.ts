import type { Timer } from './timer.ts';
import type { Deadline, Deadlines } from './deadlines.ts';
import { whenSettled } from '../run/promises.ts';
import type { SleepScheduler } from './sleep-scheduler.ts';

/** Timers for platforms on which a timer ends with the request that has set it. */
export interface RequestTimers extends SleepScheduler {
  /** Returns the deadlines of all calls with that timeout in milliseconds. */
  deadlinesOf(duration: number): Deadlines;
  /**
   * Calls `recheck` now and then until `waited` has settled. The runtime would cancel a request as hung that only awaits a
   * promise that another request settles.
   */
  keepAlive(waited: Promise<unknown>, recheck: () => void): void;
}

/** Milliseconds between two checks of a waiting call. */
const POLL_INTERVAL = 50;

/** Timers of which each call has its own. A shared timer would end with the first request, and no call would time out again. */
class OwnTimers implements RequestTimers {
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

  deadlinesOf(duration: number): Deadlines {
    return new RequestDeadlines(duration, this);
  }

  /** Polls with a timer for each waiting call: the timer that would start waiting calls may end with its own request. */
  keepAlive(waited: Promise<unknown>, recheck: () => void): void {
    const timer = setInterval(recheck, POLL_INTERVAL);
    const end = () => clearInterval(timer);
    whenSettled(waited, end, end);
  }
}

/** Deadlines of all calls with the same timeout, each with a timer of its own. */
class RequestDeadlines implements Deadlines {
  readonly duration: number;
  readonly #timers: OwnTimers;

  constructor(duration: number, timers: OwnTimers) {
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

/** Creates timers of which each call has its own. */
export function createRequestTimers(): RequestTimers {
  return new OwnTimers();
}
