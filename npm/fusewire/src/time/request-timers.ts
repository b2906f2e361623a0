import { timersEndWithRequests } from '#platform';
import { defaultClock } from './clock.ts';
import { SeparateDeadlines, SeparateTimers, setRuntimeTimer } from './separate-timers.ts';
import type { Deadlines, SleepScheduler } from './schedules.ts';
import { whenSettled } from '../run/promises.ts';

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
class OwnTimers extends SeparateTimers implements RequestTimers {
  deadlinesOf(duration: number): Deadlines {
    return new SeparateDeadlines(defaultClock, duration, this);
  }

  /** Polls with a timer for each waiting call: the timer that would start waiting calls may end with its own request. */
  keepAlive(waited: Promise<unknown>, recheck: () => void): void {
    const timer = setInterval(recheck, POLL_INTERVAL);
    const end = () => clearInterval(timer);
    whenSettled(waited, end, end);
  }
}

/** Timers of each call; undefined where timers are shared, and outlive the call that has set them. */
export const requestTimers: RequestTimers | undefined = timersEndWithRequests
  ? /* @__PURE__ */ new OwnTimers(setRuntimeTimer)
  : undefined;
