import { defaultClock } from './clock.ts';

/** A call that must not take longer than it may. */
export interface Deadline {
  deadline: number;
  previous: Deadline | undefined;
  next: Deadline | undefined;
  /** The deadline has passed. It takes itself out. */
  expire(): void;
}

/** The deadlines of calls that may take equally long. */
export interface Deadlines {
  /** Milliseconds. */
  readonly duration: number;
  /** Adds a call that starts now. */
  add(call: Deadline, now: number): void;
  /** Takes a call out. */
  remove(call: Deadline): void;
}

let make = (duration: number): Deadlines => DeadlineList.of(duration);

/** Has deadlines kept in another way; an entry of the package does so where its platform needs it. */
export function plugDeadlines(maker: (duration: number) => Deadlines): void {
  make = maker;
}

/** The deadlines of all calls that may take that many milliseconds. */
export function deadlinesOf(duration: number): Deadlines {
  return make(duration);
}

/** Calls that may take equally long: they expire in the order of their starts, so the head is always the next. */
class DeadlineList implements Deadlines {
  readonly duration: number;
  head: Deadline | undefined;
  tail: Deadline | undefined;
  watched = false;

  private constructor(duration: number) {
    this.duration = duration;
  }

  static readonly #lists = new Map<number, DeadlineList>();

  /** The list of all calls that may take that many milliseconds. */
  static of(duration: number): DeadlineList {
    const lists = DeadlineList.#lists;
    let list = lists.get(duration);
    if (list === undefined) {
      if (lists.size >= MOST_LISTS) lists.clear();
      lists.set(duration, (list = new DeadlineList(duration)));
    }
    return list;
  }

  /** Adds a call that starts now. */
  add(call: Deadline, now: number): void {
    const { tail } = this;
    call.deadline = now + this.duration;
    call.previous = tail;
    this.tail = call;
    pending++;
    if (tail === undefined) {
      this.head = call;
      if (!this.watched) watch(this);
    } else {
      tail.next = call;
    }
    if (call.deadline < timerDue || setTimeout !== realSetTimeout || armedWith !== realSetTimeout) arm();
  }

  /** Takes a call out. */
  remove(call: Deadline): void {
    const { previous, next } = call;
    if (previous === undefined) this.head = next;
    else previous.next = next;
    if (next === undefined) this.tail = previous;
    else next.previous = previous;
    call.previous = call.next = undefined;
    if (--pending === 0 && tidiedWith !== presentImmediate()) tidySoon();
  }
}

/** Lists beyond this many durations are made anew; a breaker keeps the one it has. */
const MOST_LISTS = 256;

/** Milliseconds. */
const TIMER_RESOLUTION = 1;

let watchedLists: DeadlineList[] = [];
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

function watch(list: DeadlineList): void {
  list.watched = true;
  watchedLists.push(list);
}

function arm(): void {
  disarm();
  let earliest = Number.POSITIVE_INFINITY;
  for (const { head } of watchedLists) {
    if (head !== undefined && head.deadline < earliest) earliest = head.deadline;
  }
  if (earliest === Number.POSITIVE_INFINITY) return;
  timerDue = earliest;
  armedWith = setTimeout;
  const armed = ++arming;
  const wait = Math.max(0, Math.ceil(earliest - defaultClock()));
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
  const now = Math.max(defaultClock(), timerDue) + TIMER_RESOLUTION;
  timer = undefined;
  timerDue = Number.POSITIVE_INFINITY;
  for (const list of watchedLists) {
    while (list.head !== undefined && list.head.deadline < now) list.head.expire();
  }
  watchedLists = watchedLists.filter((list) => (list.watched = list.head !== undefined));
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
