import { defaultClock } from './clock.ts';

/** Something that is to happen when its time has come. */
export interface Timer {
  /** On the default clock. */
  deadline: number;
  /** The deadline has passed. It takes itself out of its row. */
  expire(): void;
}

/** Alarms in some order of which the next is known. */
export interface TimerQueue {
  readonly head: Timer | undefined;
  /** Whether the timer knows of it. */
  watched: boolean;
}

/** Milliseconds. */
const TIMER_RESOLUTION = 1;
/** What readings of a clock may be off by once they were added and taken away, in milliseconds. */
const ROUNDING = 0.001;
/** The longest time that a timer can wait, in milliseconds. */
export const LONGEST_TIMER = 2_147_483_647;

/** Until when alarms expire in this turn; long past where none do. */
export let expiringUntil = Number.NEGATIVE_INFINITY;

let watchedQueues: TimerQueue[] = [];
let pending = 0;

// The one timer of the process. `setTimeout` is looked up at each use, so that fake timers drive the deadlines too. What
// they hold can vanish without a word when they are removed, so under them each call arms anew; and they are not told to
// clear anything, for some then clear a timer of somebody else. An arming that is not the last does nothing.
const realSetTimeout = setTimeout;
const realClearTimeout = clearTimeout;
let timer: ReturnType<typeof setTimeout> | undefined;
let timerDue = Number.POSITIVE_INFINITY;
let armedWith: typeof setTimeout | undefined;
let arming = 0;
let tidiedWith: typeof setImmediate | undefined;

/** Something with a deadline has joined a row. */
export function timerAdded(row: TimerQueue, deadline: number): void {
  pending++;
  if (!row.watched) {
    row.watched = true;
    watchedQueues.push(row);
  }
  if (deadline < timerDue || setTimeout !== realSetTimeout || armedWith !== realSetTimeout) arm();
}

/** Something has left a row. */
export function timerRemoved(): void {
  if (--pending === 0 && tidiedWith !== presentImmediate()) tidySoon();
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
    if (armed === arming) expireDue();
  }, wait);
  if (armedWith === realSetTimeout) timer = handle;
}

function disarm(): void {
  arming++;
  if (timer !== undefined) realClearTimeout(timer);
  timer = undefined;
  timerDue = Number.POSITIVE_INFINITY;
}

/**
 * When the timer fires, the deadline it was armed for has passed, whatever the clock says: not all mocks move both.
 * Timers count whole milliseconds, so what is due within the same one goes with it.
 */
function expireDue(): void {
  expiringUntil = Math.max(defaultClock(), timerDue) + TIMER_RESOLUTION;
  timer = undefined;
  timerDue = Number.POSITIVE_INFINITY;
  for (const row of watchedQueues) {
    while (row.head !== undefined && row.head.deadline < expiringUntil) row.head.expire();
  }
  expiringUntil = Number.NEGATIVE_INFINITY;
  watchedQueues = watchedQueues.filter((row) => (row.watched = row.head !== undefined));
  arm();
}

/**
 * No timer at rest: the last call of a burst leaves the timer to be cleared once this turn of the event loop is over,
 * for the next call is often made in the same turn. Elsewhere than on Node it fires once more and then is gone.
 */
function tidySoon(): void {
  tidiedWith = presentImmediate();
  tidiedWith?.(tidy);
}

function presentImmediate(): typeof setImmediate | undefined {
  return typeof setImmediate === 'undefined' ? undefined : setImmediate;
}

function tidy(): void {
  tidiedWith = undefined;
  if (pending === 0) disarm();
}
