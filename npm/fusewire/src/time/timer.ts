import { callInScope, rootScope } from '../run/async-scope.ts';
import { defaultClock } from './clock.ts';

/** Timer that expires at a deadline. */
export interface Timer {
  /** Time on the default clock at which the timer expires. */
  deadline: number;
  /** Called when the deadline has passed. It removes the timer from its queue. */
  expire(): void;
}

/** Queue of timers, of which the next to expire is known. */
export interface TimerQueue {
  readonly head: Timer | undefined;
  /** Whether the shared timer watches this queue. */
  watched: boolean;
}

/** Milliseconds that runtime timers count in. */
const TIMER_RESOLUTION = 1;
/** Readings of a clock may be off by this many milliseconds once they were added and subtracted. */
const ROUNDING = 0.001;
/**
 * Delay of the shared timer, in milliseconds, from which on the process was busy or frozen. Answers may then wait in its
 * sockets.
 */
const LATE = 10;
/** Longest duration of a runtime timer, in milliseconds. */
export const LONGEST_TIMER = 2_147_483_647;

/** Deadline up to which timers expire in the current turn; negative infinity if none do. */
export let expiringUntil = Number.NEGATIVE_INFINITY;

let watchedQueues: TimerQueue[] = [];
let pending = 0;

// The shared timer of the process. `setTimeout` is looked up at each use, so that fake timers drive the deadlines, too.
// Fake timers can drop a pending timer silently when they are removed, so under them each call arms the timer again. They
// are never asked to clear a timer, because some then clear another one. Only the latest arming takes effect.
const realSetTimeout = setTimeout;
const realClearTimeout = clearTimeout;
let timer: ReturnType<typeof setTimeout> | undefined;
let timerDue = Number.POSITIVE_INFINITY;
let armedWith: typeof setTimeout | undefined;
let arming = 0;
let clearedWith: typeof setImmediate | undefined;

/** Watches a queue to which a timer was added, and arms the shared timer if that one is the next. */
export function timerAdded(queue: TimerQueue, deadline: number): void {
  pending++;
  if (!queue.watched) {
    queue.watched = true;
    watchedQueues.push(queue);
  }
  if (deadline < timerDue || setTimeout !== realSetTimeout || armedWith !== realSetTimeout) arm();
}

/** Clears the shared timer after this turn if no timer is left. A queue calls it for every timer that it removes. */
export function timerRemoved(): void {
  if (--pending === 0 && clearedWith !== currentSetImmediate()) clearTimerSoon();
}

function arm(): void {
  disarm();
  let earliest = Number.POSITIVE_INFINITY;
  for (const { head } of watchedQueues) {
    if (head !== undefined && head.deadline < earliest) earliest = head.deadline;
  }
  if (earliest === Number.POSITIVE_INFINITY) return;
  const now = defaultClock();
  timerDue = Math.min(earliest, now + LONGEST_TIMER);
  armedWith = setTimeout;
  const armed = ++arming;
  const wait = Math.max(0, Math.ceil(timerDue - now - ROUNDING));
  const handle = armedWith(() => {
    if (armed === arming) callInScope(rootScope, onTimer);
  }, wait);
  if (armedWith === realSetTimeout) timer = handle;
}

/** Expires the timers that are due. After a late timer, answers that have arrived are read first. */
function onTimer(): void {
  const armed = arming;
  if (armedWith !== realSetTimeout || defaultClock() - timerDue < LATE) return expireDue();
  afterThisTurn(() => {
    if (armed === arming) expireDue();
  });
}

function afterThisTurn(code: () => void): void {
  const immediate = currentSetImmediate();
  if (immediate === undefined) realSetTimeout(code, 0);
  else immediate(code);
}

function disarm(): void {
  arming++;
  if (timer !== undefined) realClearTimeout(timer);
  timer = undefined;
  timerDue = Number.POSITIVE_INFINITY;
}

/**
 * Expires the timers that are due. The deadline that the shared timer was armed for has passed, whatever the clock shows: not
 * all mocks move both. Timers that are due within the same millisecond expire as well.
 */
function expireDue(): void {
  expiringUntil = Math.max(defaultClock(), timerDue) + TIMER_RESOLUTION;
  timer = undefined;
  timerDue = Number.POSITIVE_INFINITY;
  try {
    for (const queue of watchedQueues) {
      while (queue.head !== undefined && queue.head.deadline < expiringUntil) queue.head.expire();
    }
  } finally {
    expiringUntil = Number.NEGATIVE_INFINITY;
    watchedQueues = watchedQueues.filter((queue) => (queue.watched = queue.head !== undefined));
    arm();
  }
}

/**
 * Clears the shared timer once this turn of the event loop is over, so that no timer remains at rest. The next call is often
 * made in the same turn. Without `setImmediate` (only Node has it) the timer fires once more and is not armed again.
 */
function clearTimerSoon(): void {
  clearedWith = currentSetImmediate();
  clearedWith?.(clearIdleTimer);
}

function currentSetImmediate(): typeof setImmediate | undefined {
  return typeof setImmediate === 'undefined' ? undefined : setImmediate;
}

function clearIdleTimer(): void {
  clearedWith = undefined;
  if (pending === 0) disarm();
}
