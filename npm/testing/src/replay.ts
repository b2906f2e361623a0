import { CircuitBreaker } from 'fusewire';
import { readOptions } from 'fusewire/kit';
import type { CircuitBreakerOptions, Verdict } from 'fusewire';
import type { EventLog, LogEntry, OrderEntry, OutcomeEntry, RecordedTransition } from './event-log.ts';
import { checkLog } from './log-check.ts';

/** Result of {@link replay}. */
export interface ReplayResult {
  /** Whether every call was admitted or rejected as in the log, and the transitions are the same. */
  readonly same: boolean;
  /** Transitions of the replay. */
  readonly transitions: readonly RecordedTransition[];
  /** Transitions of the log. */
  readonly recorded: readonly RecordedTransition[];
  /** Number of calls that were admitted in the log, but rejected in the replay. */
  readonly saved: number;
  /** Number of calls that were rejected in the log, but admitted in the replay. Their outcome is unknown and ignored. */
  readonly admitted: number;
  /** Indexes of the first ten entries at which the replay differs. */
  readonly differences: readonly number[];
  /** Breaker at the end of the log, for its stats and `explain()`. A call that timed out counts as a failure there. */
  readonly breaker: CircuitBreaker;
}

/**
 * Repeats the calls of a log, at the same times and with the same outcomes. With the recorded options the transitions are
 * the same. With other options the result shows how these would have reacted.
 *
 * After the first call that is admitted or rejected differently, the result is an estimate. The real dependency would have had
 * a different load.
 *
 * @param changes options that replace recorded ones. `clock`, `classify` and `isFailure` are not allowed, because the log has
 * the times and the outcomes.
 * @throws {TypeError} if `log` is no log, or one of another version.
 * @throws {OptionsError} with every problem of an entry, or of the options.
 */
export async function replay(log: EventLog, changes: CircuitBreakerOptions = {}): Promise<ReplayResult> {
  checkLog(log);
  for (const options of [log.options, changes]) checkOptions(options);
  const run = new Replay(log, changes);
  for (const [index, entry] of log.entries.entries()) await run.apply(index, entry);
  return run.result(log.until);
}

const MAX_DIFFERENCES = 10;

/** Rejects options that contradict the log. The breaker checks the others itself. */
function checkOptions(options: CircuitBreakerOptions): void {
  const reader = readOptions('Circuit breaker', 'replayed', options);
  for (const option of ['clock', 'classify', 'isFailure'] as const) {
    if (options[option] === undefined) continue;
    reader.report(option, 'conflict', 'left out: times and outcomes are those of the log');
  }
  if (options.scope === 'process') reader.report('scope', 'conflict', "'local' for a replay");
  reader.rest();
  reader.finish();
}

/** Error of a replayed call, with the verdict of the log. */
class ReplayedFailure extends Error {
  readonly verdict: Verdict;
  constructor(verdict: Verdict) {
    super('A recorded call failed');
    this.verdict = verdict;
  }
}

interface RunningCall {
  readonly resolve: () => void;
  readonly reject: (failure: ReplayedFailure) => void;
  readonly settled: Promise<unknown>;
}

/** One run of a log through a new breaker. */
class Replay {
  readonly #log: EventLog;
  readonly #breaker: CircuitBreaker;
  readonly #running = new Map<number, RunningCall>();
  readonly #releases = new Map<number, () => void>();
  readonly #transitions: RecordedTransition[] = [];
  readonly #differences: number[] = [];
  #expectedTransitions = 0;
  #orders = 0;
  #now: number;
  #saved = 0;
  #admitted = 0;

  constructor(log: EventLog, changes: CircuitBreakerOptions) {
    this.#log = log;
    this.#now = log.entries[0]?.at ?? log.until;
    this.#breaker = new CircuitBreaker({
      ...log.options,
      ...changes,
      clock: () => this.#now,
      classify: (outcome) => {
        if (!('error' in outcome)) return 'success';
        return outcome.error instanceof ReplayedFailure ? outcome.error.verdict : 'failure';
      },
    });
    this.#breaker.on('stateChange', ({ from, to, reason, shadow }) => {
      this.#transitions.push({ from, to, reason, shadow });
    });
  }

  async apply(index: number, entry: LogEntry): Promise<void> {
    this.#advanceTo(entry.at);
    switch (entry.type) {
      case 'admission':
        if (this.#begin(entry.call)) return;
        this.#saved++;
        return this.#addDifference(index);
      case 'outcome':
        return this.#end(entry);
      case 'rejection':
        return this.#reject(index);
      case 'order':
        return this.#order(entry);
      case 'transition':
        // A transition that no call and no order has caused was due to reading the state.
        if (this.#transitions.length < ++this.#expectedTransitions) void this.#breaker.state;
    }
  }

  result(until: number): ReplayResult {
    this.#advanceTo(until);
    const recorded = this.#log.entries.filter((entry) => entry.type === 'transition').map(asTransition);
    const transitions = this.#transitions;
    const same =
      this.#differences.length === 0 &&
      recorded.length === transitions.length &&
      recorded.every((transition, index) => isSame(transition, transitions[index]));
    const [saved, admitted, differences] = [this.#saved, this.#admitted, this.#differences];
    return { same, transitions, recorded, saved, admitted, differences, breaker: this.#breaker };
  }

  #advanceTo(time: number): void {
    this.#now = Math.max(this.#now, time);
  }

  /** Starts a call. Returns whether it was admitted. */
  #begin(call: number): boolean {
    let running: Omit<RunningCall, 'settled'> | undefined;
    const settled = this.#breaker.tryExecute(
      () => new Promise<void>((resolve, reject) => void (running = { resolve, reject })),
    );
    if (running === undefined) return false;
    this.#running.set(call, { ...running, settled });
    return true;
  }

  async #end({ call, outcome, openFor }: OutcomeEntry): Promise<void> {
    const running = this.#running.get(call);
    if (running === undefined) return;
    this.#running.delete(call);
    if (outcome === 'success') running.resolve();
    else running.reject(new ReplayedFailure(openFor === undefined ? verdictOf(outcome) : { openFor }));
    await running.settled;
  }

  async #reject(index: number): Promise<void> {
    const call = -1;
    if (!this.#begin(call)) return;
    this.#admitted++;
    this.#addDifference(index);
    await this.#end({ type: 'outcome', at: 0, call, outcome: 'ignored' });
  }

  #order({ order, released, duration, changes = {} }: OrderEntry): void {
    const index = this.#orders++;
    switch (order) {
      case 'release':
        return this.#releases.get(released ?? -1)?.();
      case 'open':
        return this.#breaker.open(duration);
      case 'update':
        return this.#breaker.update(changes);
      default: {
        const release = this.#breaker[order]();
        if (release !== undefined) this.#releases.set(index, release);
      }
    }
  }

  #addDifference(index: number): void {
    if (this.#differences.length < MAX_DIFFERENCES) this.#differences.push(index);
  }
}

function verdictOf(outcome: OutcomeEntry['outcome']): Verdict {
  return outcome === 'ignored' ? 'ignore' : 'failure';
}

function asTransition({ from, to, reason, shadow }: RecordedTransition): RecordedTransition {
  return { from, to, reason, shadow };
}

function isSame(one: RecordedTransition, other: RecordedTransition | undefined): boolean {
  return one.from === other?.from && one.to === other.to && one.reason === other.reason && one.shadow === other.shadow;
}
