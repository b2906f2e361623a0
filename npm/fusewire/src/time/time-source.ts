import { callInScope, rootScope } from '../run/async-scope.ts';
import { defaultClock, guardedClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { deadlinesOf } from './deadlines.ts';
import type { Deadlines } from './deadlines.ts';
import { SeparateDeadlines, SeparateTimers } from './separate-timers.ts';
import type { SetTimer } from './separate-timers.ts';
import { sleepScheduler } from './sleep-scheduler.ts';
import type { SleepScheduler } from './sleep-scheduler.ts';

/** Clock and timers of a breaker or a policy. */
export interface TimeSource {
  readonly clock: Clock;
  readonly sleepScheduler: SleepScheduler;
  /** Returns the deadlines of all calls with that timeout in milliseconds. */
  deadlinesOf(duration: number): Deadlines;
}

/** Returns a clock with the timers of the runtime. */
export function withRuntimeTimers(clock: Clock): TimeSource {
  return { clock, sleepScheduler, deadlinesOf };
}

/**
 * Returns the time of a clock that a user gave, or the default time without one. If the clock throws, its time stands still. If
 * its timers throw, the timers of the runtime replace them.
 */
export function timeSourceOf(clock: Clock | undefined, report: (error: unknown) => void): TimeSource {
  if (clock === undefined) return withRuntimeTimers(defaultClock);
  const guarded = guardedClock(clock, report);
  const { setTimer } = clock;
  if (typeof setTimer !== 'function') return withRuntimeTimers(guarded);
  const timers = new SeparateTimers(guardedTimers(setTimer, report));
  return {
    clock: guarded,
    sleepScheduler: timers,
    deadlinesOf: (duration) => new SeparateDeadlines(guarded, duration, timers),
  };
}

function guardedTimers(setTimer: SetTimer, report: (error: unknown) => void): SetTimer {
  return (callback, delay) => {
    const expire = () => callInScope(rootScope, callback);
    try {
      const remove: unknown = setTimer(expire, delay);
      if (typeof remove !== 'function') throw new TypeError('setTimer must return a function that removes the timer');
      return () => {
        try {
          (remove as () => void)();
        } catch (error) {
          report(error);
        }
      };
    } catch (error) {
      report(error);
      return setRuntimeTimer(expire, delay);
    }
  };
}

/** Sets a timer of the runtime. `setTimeout` is looked up at each use, so that fake timers drive it, too. */
export function setRuntimeTimer(callback: () => void, delay: number): () => void {
  const handle = setTimeout(callback, delay);
  return () => clearTimeout(handle);
}
