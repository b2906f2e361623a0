import { defaultClock } from './clock.ts';
import { installDeadlines } from './deadlines.ts';
import { whenSettled } from '../run/promises.ts';
import { installSleepScheduler } from './sleep-scheduler.ts';
import { installRequestKeepAlive } from './request-keep-alive.ts';
import type { RequestKeepAlive } from './request-keep-alive.ts';
import { SeparateDeadlines, SeparateTimers } from './separate-timers.ts';
import { setRuntimeTimer } from './time-source.ts';

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

/**
 * Gives every call a timer of its own, for platforms whose timers end with the request that has set them. A shared timer would
 * end with the first request, and no call would time out again.
 */
export function installRequestTimers(): void {
  const timers = new SeparateTimers(setRuntimeTimer);
  installDeadlines((duration) => new SeparateDeadlines(defaultClock, duration, timers));
  installSleepScheduler(timers);
  installRequestKeepAlive(pollingKeepAlive);
}
