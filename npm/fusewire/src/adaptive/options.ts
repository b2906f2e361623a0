import type { PredictionSign } from '../breaker/events.ts';

/** What a breaker adapts to. */
export interface AdaptiveOptions {
  /** Other thresholds at other times of the week. Default: the same at all times. */
  readonly schedule?: ScheduleOptions | undefined;
  /** Seeing ahead when a rule of the breaker will open its circuit. Default: nothing is predicted. */
  readonly prediction?: PredictionOptions | undefined;
}

/** Thresholds by the time of the week. */
export interface ScheduleOptions {
  /** An IANA time zone such as `'Africa/Nairobi'`. Default: that of the process. */
  readonly timeZone?: string | undefined;
  /** 1 to 100 entries. Where several hold, the first counts; where none does, the breaker's own thresholds hold. */
  readonly entries: readonly ScheduleEntry[];
  /** Milliseconds since 1970. Default: `Date.now`. */
  readonly clock?: (() => number) | undefined;
}

/** A day of the week. */
export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';

/**
 * When thresholds hold, and which. At least one threshold is given; those that are not are the breaker's own.
 *
 * Times are those of a clock on the wall: where it is put forward, the minutes left out do not come; where it is put back,
 * those shown twice hold twice.
 */
export interface ScheduleEntry {
  /** The days that it begins on. Default: every day. */
  readonly days?: 'weekdays' | 'weekend' | readonly Weekday[] | undefined;
  /** The minute that it begins with, `'00:00'` to `'23:59'`. Default `'00:00'`. */
  readonly from?: string | undefined;
  /** The minute that it ends before, up to `'24:00'`. One that is not after `from` is on the day that follows. Default `'24:00'`. */
  readonly to?: string | undefined;
  /** Failures in the window that open the circuit: 1 to 1 000 000. */
  readonly failureThreshold?: number | undefined;
  /** Failures in a row that open it: 1 to 1 000 000. */
  readonly consecutiveFailureThreshold?: number | undefined;
  /** Failed share of the calls in the window that opens it: above 0, up to 1. */
  readonly failureRateThreshold?: number | undefined;
  /** Slow share of the calls in the window that opens it: above 0, up to 1. Only where the breaker itself has one. */
  readonly slowCallRateThreshold?: number | undefined;
  /** Calls the window must hold before a rate is looked at: 1 to 1 000 000. */
  readonly minimumCalls?: number | undefined;
}

/** How openings are predicted; see `crates/thresholds-core/src/forecast`. */
export interface PredictionOptions {
  /** `'shadow'` tells and rejects nothing; `'enforce'` opens the circuit. Default `'shadow'`. */
  readonly mode?: 'shadow' | 'enforce' | undefined;
  /** How far ahead to look, in milliseconds: 1 to 128 intervals. Default: ten intervals. */
  readonly horizon?: number | undefined;
  /** Over how many milliseconds calls are taken together. Default: a 30th of a window of time; 1 000 for one of calls. */
  readonly interval?: number | undefined;
  /** How many intervals in a row must foresee it: 1 to 1 000 000. Default 3. */
  readonly confirmations?: number | undefined;
  /** By how many standard errors of its own the forecast must be beyond the threshold: 0 to 10. Default 0.5. */
  readonly margin?: number | undefined;
}

/** What adapts a breaker has seen. */
export interface AdaptiveStats {
  /** The name of the breaker. */
  readonly name: string;
  /** Which entry of the schedule holds; null where none does. */
  readonly entry: number | null;
  /** When that changes; null where it never does. */
  readonly entryChangesAt: Date | null;
  /** Null where nothing is predicted. */
  readonly prediction: PredictionStats | null;
}

/** How predictions have turned out. One comes true where the circuit opens by its own rule before window and horizon have passed. */
export interface PredictionStats {
  readonly mode: 'shadow' | 'enforce';
  /** Predictions ever made. */
  readonly totalPredicted: number;
  /** Those that opened the circuit. */
  readonly totalEnforced: number;
  /** Those in shadow that came true. */
  readonly cameTrue: number;
  /** Those that did not. */
  readonly wereFalse: number;
  /** Openings that nothing had predicted. */
  readonly missed: number;
  /** Milliseconds between the predictions that came true and the openings, in all. */
  readonly timeGained: number;
  /** The failed share of calls, smoothed: 0 to 1. */
  readonly failureRate: number;
  /** The slow share of calls, smoothed: 0 to 1. */
  readonly slowCallRate: number;
  /** The response time that decides whether too many calls are slow or time out, smoothed, in milliseconds. */
  readonly responseTime: number | null;
  /** What it was while all was well. */
  readonly baseline: number | null;
}

/** The numbers behind what holds now and what is foreseen. */
export interface AdaptiveExplanation {
  readonly name: string;
  readonly entry: number | null;
  readonly entryChangesAt: Date | null;
  /** What is foreseen now, confirmed or not. */
  readonly foreseen: Foreseen | null;
}

/** A threshold that is going to be reached. */
export interface Foreseen {
  /** Which. */
  readonly sign: PredictionSign;
  /** The count, the share or the milliseconds, as they stand. */
  readonly observed: number;
  /** What they are going to reach. */
  readonly threshold: number;
  /** In so many milliseconds. */
  readonly expectedIn: number;
  /** The same in words. */
  readonly message: string;
}
