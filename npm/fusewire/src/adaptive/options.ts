import type { PredictionSign } from '../breaker/events.ts';

/** Options of `adaptive`. */
export interface AdaptiveOptions {
  /** Thresholds by the time of the week. Default: the breaker's own at all times. */
  readonly schedule?: ScheduleOptions | undefined;
  /** Prediction of when a rule of the breaker will open its circuit. Default: none. */
  readonly prediction?: PredictionOptions | undefined;
}

/** Schedule of thresholds by the time of the week. */
export interface ScheduleOptions {
  /** IANA time zone such as `'Africa/Nairobi'`. Default: that of the process. */
  readonly timeZone?: string | undefined;
  /** 1 to 100 entries. The first entry that matches applies. If none matches, the breaker's own thresholds apply. */
  readonly entries: readonly ScheduleEntry[];
  /** Returns the time in milliseconds since 1970. Default: `Date.now`. */
  readonly clock?: (() => number) | undefined;
}

/** Day of the week. */
export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';

/**
 * Times at which thresholds apply. At least one threshold must be set; the others are the breaker's own.
 *
 * Entries use local wall-clock time. When daylight saving starts, the skipped minutes never match; when it ends, the
 * repeated hour matches twice.
 */
export interface ScheduleEntry {
  /** Days on which the entry starts. Default: every day. */
  readonly days?: 'weekdays' | 'weekend' | readonly Weekday[] | undefined;
  /** First minute, `'00:00'` to `'23:59'`. Default `'00:00'`. */
  readonly from?: string | undefined;
  /**
   * Minute after the last one, up to `'24:00'`. If it is not after `from`, it is on the next day. Default `'24:00'`.
   */
  readonly to?: string | undefined;
  /** Failures in the window that open the circuit: 1 to 1 000 000. */
  readonly failureThreshold?: number | undefined;
  /** Consecutive failures that open the circuit: 1 to 1 000 000. */
  readonly consecutiveFailureThreshold?: number | undefined;
  /** Share of failed calls in the window that opens the circuit: above 0, up to 1. */
  readonly failureRateThreshold?: number | undefined;
  /**
   * Share of slow calls in the window that opens the circuit: above 0, up to 1. Requires one in the breaker's own
   * options.
   */
  readonly slowCallRateThreshold?: number | undefined;
  /** Calls that the window must hold before a rate applies: 1 to 1 000 000. */
  readonly minimumCalls?: number | undefined;
}

/** Options of predictions; see `crates/thresholds-core/src/forecast`. */
export interface PredictionOptions {
  /** `'shadow'` only reports predictions; `'enforce'` also opens the circuit. Default `'shadow'`. */
  readonly mode?: 'shadow' | 'enforce' | undefined;
  /** How far the forecast looks ahead, in milliseconds: 1 to 128 intervals. Default: ten intervals. */
  readonly horizon?: number | undefined;
  /**
   * Length of the intervals into which calls are grouped, in milliseconds. Default: a 30th of a time window; 1 000 with
   * a count window.
   */
  readonly interval?: number | undefined;
  /** Consecutive intervals that must foresee the opening: 1 to 1 000 000. Default 3. */
  readonly confirmations?: number | undefined;
  /** Distance of the forecast beyond the threshold, in standard errors of the forecast: 0 to 10. Default 0.5. */
  readonly margin?: number | undefined;
}

/** Stats of an adaptive breaker. */
export interface AdaptiveStats {
  /** Name of the breaker. */
  readonly name: string;
  /** Index of the schedule entry that applies; null if none does. */
  readonly entry: number | null;
  /** Time of the next change of `entry`; null if it never changes. */
  readonly entryChangesAt: Date | null;
  /** Null without the option `prediction`. */
  readonly prediction: PredictionStats | null;
}

/**
 * Totals of the predictions. A prediction comes true if the breaker's own rule opens the circuit before the window and
 * the horizon have passed.
 */
export interface PredictionStats {
  readonly mode: 'shadow' | 'enforce';
  /** All predictions. */
  readonly totalPredicted: number;
  /** Predictions that opened the circuit. */
  readonly totalEnforced: number;
  /** Predictions in shadow mode that came true. */
  readonly cameTrue: number;
  /** Predictions in shadow mode that did not come true. */
  readonly wereFalse: number;
  /** Openings without a prediction. */
  readonly missed: number;
  /** Sum of the times between predictions that came true and their openings, in milliseconds. */
  readonly timeGained: number;
  /** Smoothed share of failed calls: 0 to 1. */
  readonly failureRate: number;
  /** Smoothed share of slow calls: 0 to 1. */
  readonly slowCallRate: number;
  /**
   * Smoothed quantile of the response times that decides whether too many calls are slow or time out, in milliseconds.
   */
  readonly responseTime: number | null;
  /** Value of `responseTime` while the dependency was healthy. */
  readonly baseline: number | null;
}

/** Current entry and forecast of an adaptive breaker. */
export interface AdaptiveExplanation {
  readonly name: string;
  readonly entry: number | null;
  readonly entryChangesAt: Date | null;
  /** Threshold that the forecast expects to be reached, confirmed or not; null if there is none. */
  readonly foreseen: Foreseen | null;
}

/** Threshold that is expected to be reached. */
export interface Foreseen {
  /** Name of the threshold. */
  readonly sign: PredictionSign;
  /** Current value: a count, a share or milliseconds. */
  readonly observed: number;
  /** Value of the threshold. */
  readonly threshold: number;
  /** Time until the threshold is reached, in milliseconds. */
  readonly expectedIn: number;
  /** The prediction as a sentence. */
  readonly message: string;
}
