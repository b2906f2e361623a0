import type { CircuitState, RejectionReason, StateChangeEvent } from 'fusewire';
import { Histogram } from './histogram.ts';

/** Way in which a call ended, of those whose durations are measured. */
export type TimedOutcome = 'success' | 'failure' | 'ignored';

/** Number of transitions of one kind. */
export interface TransitionCount {
  readonly from: CircuitState;
  readonly to: CircuitState;
  readonly reason: string;
  count: number;
}

/** Counters of one breaker, or of several together. None of them ever decreases. */
export class Tally {
  successes = 0;
  /** Failures without the timeouts. */
  failures = 0;
  timeouts = 0;
  ignored = 0;
  shadowRejected = 0;
  /** Milliseconds with an open circuit. */
  openTime = 0;
  readonly rejections = new Map<RejectionReason, number>();
  readonly transitions = new Map<string, TransitionCount>();
  /** Durations by the outcome; undefined if they are not measured. */
  readonly durations: Readonly<Record<TimedOutcome, Histogram>> | undefined;

  /** @param bounds upper bounds of the buckets in seconds; undefined without durations. */
  constructor(bounds: readonly number[] | undefined) {
    this.durations = bounds && {
      success: new Histogram(bounds),
      failure: new Histogram(bounds),
      ignored: new Histogram(bounds),
    };
  }

  addRejections(reason: RejectionReason, count: number): void {
    this.rejections.set(reason, (this.rejections.get(reason) ?? 0) + count);
  }

  addTransitions({ from, to, reason }: Pick<StateChangeEvent, 'from' | 'to' | 'reason'>, count: number): void {
    const key = `${from} ${to} ${reason}`;
    const known = this.transitions.get(key);
    if (known === undefined) this.transitions.set(key, { from, to, reason, count });
    else known.count += count;
  }

  add(other: Tally): void {
    this.successes += other.successes;
    this.failures += other.failures;
    this.timeouts += other.timeouts;
    this.ignored += other.ignored;
    this.shadowRejected += other.shadowRejected;
    this.openTime += other.openTime;
    for (const [reason, count] of other.rejections) this.addRejections(reason, count);
    for (const { count, ...transition } of other.transitions.values())
      this.addTransitions(transition as StateChangeEvent, count);
    for (const outcome of ['success', 'failure', 'ignored'] as const) {
      if (other.durations !== undefined) this.durations?.[outcome].add(other.durations[outcome]);
    }
  }
}
