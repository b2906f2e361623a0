/**
 * State of one rule for one breaker. It is plain data: the functions of this file decide, and know neither the time of day nor
 * a notifier. Times are milliseconds of a clock that never goes back.
 */
export interface AlertState {
  readonly phase: 'inactive' | 'pending' | 'firing';
  /** Time since which the condition holds; of an inactive alert, since which it does not. */
  readonly since: number;
  /** Whether the last announcement said that the alert fires. */
  readonly announced: boolean;
  /** Time of the last announcement that it fires; negative infinity before the first. */
  readonly announcedAt: number;
}

/** Announcement that an alert fires, or that it has ended. */
export type Announcement = 'firing' | 'resolved';

/** Returns the state of an alert whose condition has not held yet. */
export function inactiveAlert(now: number): AlertState {
  return { phase: 'inactive', since: now, announced: false, announcedAt: Number.NEGATIVE_INFINITY };
}

/**
 * Returns the state after an evaluation.
 *
 * @param holds whether the condition holds; undefined if that is unknown, because the rule failed. The state then stays.
 * @param holdFor milliseconds for which the condition must hold before the alert fires.
 */
export function evaluated(state: AlertState, holds: boolean | undefined, now: number, holdFor: number): AlertState {
  if (holds === undefined) return state;
  const isActive = state.phase !== 'inactive';
  if (!holds) return isActive ? { ...state, phase: 'inactive', since: now } : state;
  const since = isActive ? state.since : now;
  const phase = state.phase === 'firing' || now - since >= holdFor ? 'firing' : 'pending';
  return phase === state.phase ? state : { ...state, phase, since };
}

/**
 * Returns the announcement that a state asks for, or undefined if it asks for none.
 *
 * A muted alert is not announced, and one in its cool-down is not announced again; if it still fires afterwards, it is announced
 * then. The end of an announced alert is announced in any case: somebody waits for it.
 */
export function announcementOf(
  state: AlertState,
  now: number,
  isMuted: boolean,
  coolDown: number,
): Announcement | undefined {
  if (state.phase !== 'firing') return state.announced ? 'resolved' : undefined;
  if (state.announced || isMuted || now - state.announcedAt < coolDown) return undefined;
  return 'firing';
}

/** Returns the state after an announcement was made. */
export function afterAnnouncement(state: AlertState, announcement: Announcement, now: number): AlertState {
  if (announcement === 'resolved') return { ...state, announced: false };
  return { ...state, announced: true, announcedAt: now };
}

/** Whether a state can be forgotten: nothing holds, nothing is to announce, and no cool-down runs. */
export function isForgettable(state: AlertState, now: number, coolDown: number): boolean {
  return state.phase === 'inactive' && !state.announced && now - state.announcedAt >= coolDown;
}
