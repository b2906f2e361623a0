import { CircuitBreaker, readOptions } from 'fusewire';
import type { CircuitBreakerOptions, Verdict } from 'fusewire';
import type { EventLog, LogEntry, OrderEntry, OutcomeEntry, RecordedTransition } from './event-log.ts';
import { checkLog } from './log-check.ts';

/** What a replay showed. */
export interface ReplayResult {
  /** True where every call was admitted or rejected as it was recorded, and the transitions are the same. */
  readonly same: boolean;
  /** The transitions of the replay. */
  readonly transitions: readonly RecordedTransition[];
  /** The transitions of the log. */
  readonly recorded: readonly RecordedTransition[];
  /** Calls that were admitted when recorded, and not in the replay. */
  readonly saved: number;
  /** Calls that were not admitted when recorded, but in the replay. Nobody knows what would have become of them: they count neither way. */
  readonly admitted: number;
  /** The first entries, at most ten, at which the replay differs, by their numbers. */
  readonly differences: readonly number[];
  /**
   * The breaker as it stands when the log was taken, for its stats and `explain()`. A call that timed out is there as one
   * that failed.
   */
  readonly breaker: CircuitBreaker;
}

/**
 * Feeds a recorded log to the engine: the same calls at the same times with the same outcomes. With the recorded options
 * the transitions are the same; with others it shows what they would have made of that day.
 *
 * Where calls are admitted that were not, or the other way round, the rest is a guess: a real dependency would have
 * answered otherwise.
 *
 * @param changes options in place of the recorded ones; `clock`, `classify` and `isFailure` have no say in what was recorded.
 * @throws {TypeError} if `log` is none, or of another version.
 * @throws {BreakerOptionsError} with everything that is wrong with an entry, or with the options.
 */
export async function replay(log: EventLog, changes: CircuitBreakerOptions = {}): Promise<ReplayResult> {
  checkLog(log);
  for (const options of [log.options, changes]) checkOptions(options);
  const run = new Replay(log, changes);
  for (const [number, entry] of log.entries.entries()) await run.take(number, entry);
  return run.result(log.until);
}

const MOST_DIFFERENCES = 10;

/** The rest is checked by the breaker itself. */
function checkOptions(options: CircuitBreakerOptions): void {
  const reader = readOptions('Circuit breaker', 'replayed', options);
  for (const option of ['clock', 'classify', 'isFailure'] as const) {
    if (options[option] === undefined) continue;
    reader.report(option, 'conflict', 'left out: times and outcomes are those of the log');
  }
  if (options.scope === 'process') reader.report('scope', 'conflict', "'local' where a log is replayed");
  reader.rest();
  reader.finish();
}

/** How a call of the replay ends. */
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

class Replay {
  readonly #log: EventLog;
  readonly #breaker: CircuitBreaker;
  readonly #running = new Map<number, RunningCall>();
  readonly #releases = new Map<number, () => void>();
  readonly #transitions: RecordedTransition[] = [];
  readonly #differences: number[] = [];
  #transitionsDue = 0;
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
      classify: (error) => (error instanceof ReplayedFailure ? error.verdict : 'failure'),
    });
    this.#breaker.on('stateChange', ({ from, to, reason, shadow }) => {
      this.#transitions.push({ from, to, reason, shadow });
    });
  }

  async take(number: number, entry: LogEntry): Promise<void> {
    this.#advanceTo(entry.at);
    switch (entry.type) {
      case 'admission':
        if (this.#begin(entry.call)) return;
        this.#saved++;
        return this.#differ(number);
      case 'outcome':
        return this.#end(entry);
      case 'rejection':
        return this.#reject(number);
      case 'order':
        return this.#order(entry);
      case 'transition':
        // Where no call and no order made it, somebody looked at the breaker.
        if (this.#transitions.length < ++this.#transitionsDue) void this.#breaker.state;
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

  /** Begins a call, if it is admitted. */
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

  async #reject(number: number): Promise<void> {
    const unknown = -1;
    if (!this.#begin(unknown)) return;
    this.#admitted++;
    this.#differ(number);
    await this.#end({ type: 'outcome', at: 0, call: unknown, outcome: 'ignored' });
  }

  #order({ order, released }: OrderEntry): void {
    const number = this.#orders++;
    if (order === 'release') return this.#releases.get(released ?? -1)?.();
    const release = this.#breaker[order]();
    if (release !== undefined) this.#releases.set(number, release);
  }

  #differ(number: number): void {
    if (this.#differences.length < MOST_DIFFERENCES) this.#differences.push(number);
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
