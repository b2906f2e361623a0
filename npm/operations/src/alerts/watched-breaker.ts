import type { CircuitBreaker, CircuitState } from 'fusewire';
import { BreakerWindows, SharedReading } from './reading.ts';
import type { ReadingSource, SlowCalls } from './reading.ts';
import type { AlertRecord } from './record.ts';
import type { CheckedRule } from './rule.ts';

/** One breaker with its windows, its listeners and the alerts about it. */
export class WatchedBreaker implements ReadingSource {
  readonly breaker: CircuitBreaker;
  readonly name: string;
  readonly source: string;
  readonly windows = new BreakerWindows();
  readonly slowCalls = new Map<number, SlowCalls>();
  /** Rules that are for this breaker, each with its alert once it had one. */
  readonly rules = new Map<CheckedRule, AlertRecord | undefined>();
  /** State at the last poll or evaluation. */
  #state: CircuitState | undefined;
  /** Number of transitions at the last evaluation. */
  #stateChanges = 0;
  #removeCallListeners: (() => void)[] = [];

  constructor(breaker: CircuitBreaker, source: string) {
    this.breaker = breaker;
    this.name = breaker.name;
    this.source = source;
  }

  /** Whether the breaker can still be read. */
  get isUsable(): boolean {
    return !this.breaker.disposed;
  }

  /**
   * Whether the breaker has another state than at the last evaluation, or cannot be read. The states are polled, because a
   * listener for them would make each call of the breaker slower.
   */
  hasChanged(): boolean {
    try {
      return this.breaker.disposed || this.breaker.state !== this.#state;
    } catch {
      // The evaluation reports it.
      return true;
    }
  }

  /** Reads the breaker for one evaluation. */
  read(now: number): SharedReading {
    const stats = this.breaker.getStats();
    const wasClosed = this.#state === 'CLOSED' && stats.stateChanges > this.#stateChanges;
    this.#state = stats.state;
    this.#stateChanges = stats.stateChanges;
    // A circuit that was closed, has changed, and is closed again, has been open in between.
    return new SharedReading(this, stats, stats.state !== 'CLOSED' || wasClosed, now);
  }

  /** Applies a rule from the next evaluation on. */
  addRule(rule: CheckedRule): void {
    this.rules.set(rule, undefined);
    this.#listenToCalls();
  }

  /** Removes a rule. Returns its alert, if it had one. */
  removeRule(rule: CheckedRule): AlertRecord | undefined {
    const record = this.rules.get(rule);
    this.rules.delete(rule);
    this.#listenToCalls();
    return record;
  }

  /** Takes all listeners off the breaker. */
  stop(): void {
    for (const remove of this.#removeCallListeners) remove();
    this.#removeCallListeners = [];
  }

  /** Listens to the calls of the breaker if a rule is about slow ones. Without such a rule, a call costs nothing. */
  #listenToCalls(): void {
    const limits = new Set([...this.rules.keys()].flatMap(({ slowerThan }) => slowerThan ?? []));
    for (const limit of this.slowCalls.keys()) if (!limits.has(limit)) this.slowCalls.delete(limit);
    for (const limit of limits) if (!this.slowCalls.has(limit)) this.slowCalls.set(limit, { calls: 0, last: null });
    const isListening = this.#removeCallListeners.length > 0;
    if (limits.size > 0 === isListening) return;
    for (const remove of this.#removeCallListeners) remove();
    const count = ({ duration }: { readonly duration: number | null }) => this.#count(duration);
    this.#removeCallListeners =
      limits.size > 0 ? [this.breaker.on('success', count), this.breaker.on('failure', count)] : [];
  }

  #count(duration: number | null): void {
    if (duration === null) return;
    for (const [limit, slow] of this.slowCalls) {
      if (!(duration > limit)) continue;
      slow.calls++;
      slow.last = duration;
    }
  }
}
