/**
 * Calls through a `CircuitBreaker`, and a ledger of how each must end. Whether a call is admitted is for the engine to
 * decide; that it then ends once, by what ended it first, and is counted once, is checked here.
 */
import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { CircuitBreaker, CallTimeoutError, CircuitOpenError, type BreakerStats, type CallResult } from 'fusewire';
import type { CallMade, CallOperation, CallProgram, Verdict } from './calls.ts';

/** Value or error of a call, with its classification. */
class ClassifiedError extends Error {
  readonly verdict: Verdict;

  constructor(verdict: Verdict) {
    super(verdict);
    this.verdict = verdict;
  }
}

type End = 'value' | 'error' | 'abort' | 'timeout' | 'rejection';

/** One call: how it must end, as soon as that is known, and how it did. */
class Entry {
  readonly call: CallMade;
  readonly began: number;
  readonly result: ClassifiedError;
  readonly caller = new AbortController();
  readonly outcomes: CallResult<unknown>[] = [];
  /** Settles work that waits, once. */
  settle: ((resolves: boolean) => void) | undefined;
  ran = false;
  end: End | undefined;

  constructor(call: CallMade, began: number) {
    this.call = call;
    this.began = began;
    this.result = new ClassifiedError(call.verdict);
  }

  work(): unknown {
    this.ran = true;
    const { result } = this;
    switch (this.call.work) {
      case 'returns':
        return result;
      case 'throws':
        throw result;
      case 'resolves':
        return Promise.resolve(result);
      case 'rejects':
        return Promise.reject(result);
      case 'waits':
        return new Promise((resolve, reject) => {
          this.settle = (resolves) => (resolves ? resolve(result) : reject(result));
        });
    }
  }

  /** Checks that the call has settled once, by the first event that ended it. */
  check(): void {
    const { end, outcomes, result, caller } = this;
    assert.equal(outcomes.length, end === undefined ? 0 : 1, `settled ${outcomes.length} times, ended by ${end}`);
    const [outcome] = outcomes;
    if (outcome === undefined) return;
    if (outcome.status === 'success') assert.ok(end === 'value' && outcome.value === result, `a value, not ${end}`);
    if (outcome.status === 'rejected') assert.ok(end === 'rejection' && !this.hasRun, `a rejection, not ${end}`);
    if (outcome.status !== 'failure') return;
    if (end === 'timeout') assert.ok(outcome.error instanceof CallTimeoutError);
    else assert.equal(outcome.error, end === 'abort' ? caller.signal.reason : result, `not the error of ${end}`);
  }

  /** Whether the breaker ran the work: a promise runs by itself. */
  get hasRun(): boolean {
    return this.ran && !this.call.running;
  }
}

/** Runs a program. Throws if the ledger does not balance. Returns the number of operations. */
export async function keepLedger(program: CallProgram): Promise<number> {
  const ledger = new Ledger(program);
  try {
    for (const operation of program.operations) await ledger.make(operation);
    await ledger.close();
  } finally {
    ledger.breaker.dispose();
  }
  return program.operations.length;
}

class Ledger {
  readonly breaker: CircuitBreaker;
  readonly #timeout: number;
  readonly #entries: Entry[] = [];
  readonly #holds: (() => void)[] = [];
  readonly #totals = {
    totalRequests: 0,
    totalSuccesses: 0,
    totalFailures: 0,
    totalTimeouts: 0,
    totalIgnored: 0,
    totalRejected: 0,
    inFlight: 0,
    lateCompletions: 0,
    predicateErrors: 0,
    listenerErrors: 0,
    engineErrors: 0,
  };
  #now = 0;

  constructor({ options }: CallProgram) {
    this.#timeout = options.timeout === false ? Infinity : (options.timeout as number);
    this.breaker = new CircuitBreaker({
      ...options,
      clock: () => this.#now,
      logger: silent,
      isFailure: (result) => verdictOn(result) !== 'success',
      classify: (outcome) => {
        if (!('error' in outcome)) return undefined;
        const verdict = verdictOn(outcome.error);
        return verdict === 'openFor' ? { openFor: 3 } : verdict;
      },
    });
  }

  async make(operation: CallOperation): Promise<void> {
    switch (operation.do) {
      case 'call':
        await this.#call(operation);
        break;
      case 'settle':
        this.#settle(
          choose(this.#entries, operation.which, ({ settle }) => settle !== undefined),
          operation.resolves,
        );
        break;
      case 'abort':
        this.#abort(choose(this.#entries, operation.which, canAbort));
        break;
      case 'wait':
        this.#wait(operation.milliseconds);
        break;
      case 'release':
        this.#holds[operation.which]?.();
        break;
      case 'reset':
        this.breaker.reset();
        break;
      default:
        this.#holds.push(this.breaker[operation.do]());
    }
    await turn();
    this.#balance();
  }

  /** Settles the work that still waits, and checks that nothing is in flight. */
  async close(): Promise<void> {
    for (const entry of this.#entries) this.#settle(entry, true);
    await turn();
    this.#balance();
    assert.equal(this.breaker.getStats().inFlight, 0);
  }

  async #call(call: CallMade): Promise<void> {
    const entry = new Entry(call, this.#now);
    this.#entries.push(entry);
    if (call.signal === 'aborted') entry.caller.abort(new Error('aborted before'));
    const work = call.running ? promised(entry) : () => entry.work();
    const options = call.signal === 'none' ? undefined : { signal: entry.caller.signal };
    if (call.by === 'tryExecute') {
      void this.breaker.tryExecute(work, options).then((outcome) => entry.outcomes.push(outcome));
    } else {
      void this.breaker.execute(work, options).then(
        (value) => entry.outcomes.push({ status: 'success', value, source: 'call' }),
        (error: unknown) => entry.outcomes.push(asOutcome(error)),
      );
    }
    await turn();
    this.#enter(entry);
  }

  /** A call that was made is under way, unless it was not admitted or its work has settled at once. */
  #enter(entry: Entry): void {
    const totals = this.#totals;
    if (entry.call.signal === 'aborted') {
      entry.end = 'abort';
      assert.ok(!entry.hasRun);
      return;
    }
    totals.totalRequests++;
    if (entry.outcomes[0]?.status === 'rejected') {
      entry.end = 'rejection';
      totals.totalRejected++;
      return;
    }
    assert.ok(entry.ran);
    totals.inFlight++;
    if (entry.call.work === 'waits') return;
    this.#end(entry, ['returns', 'resolves'].includes(entry.call.work) ? 'value' : 'error');
  }

  #settle(entry: Entry | undefined, resolves: boolean): void {
    if (entry?.settle === undefined) return;
    entry.settle(resolves);
    entry.settle = undefined;
    if (entry.end === 'timeout') this.#totals.lateCompletions++;
    this.#end(entry, resolves ? 'value' : 'error');
  }

  #abort(entry: Entry | undefined): void {
    if (entry === undefined) return;
    entry.caller.abort(new Error('aborted'));
    this.#end(entry, 'abort');
  }

  #wait(milliseconds: number): void {
    this.#now += milliseconds;
    mock.timers.tick(milliseconds);
    for (const entry of this.#entries) {
      if (entry.began + this.#timeout <= this.#now) this.#end(entry, 'timeout');
    }
  }

  /** Counts what ended a call, if nothing did before. */
  #end(entry: Entry, end: End): void {
    if (entry.end !== undefined) return;
    entry.end = end;
    const totals = this.#totals;
    const { verdict } = entry.result;
    const judged = end === 'value' || end === 'error';
    totals.inFlight--;
    if (judged && verdict === 'broken') totals.predicateErrors++;
    if (end === 'timeout') totals.totalTimeouts++;
    if (end === 'abort' || (end === 'error' && verdict === 'ignore')) totals.totalIgnored++;
    else if (judged && verdict === 'success') totals.totalSuccesses++;
    else totals.totalFailures++;
  }

  #balance(): void {
    for (const entry of this.#entries) entry.check();
    const stats = this.breaker.getStats();
    const totals = Object.keys(this.#totals) as (keyof BreakerStats)[];
    assert.deepEqual(Object.fromEntries(totals.map((name) => [name, stats[name]])), this.#totals);
  }
}

const silent = { warn: () => undefined, info: () => undefined, debug: () => undefined, error: () => undefined };

function verdictOn(result: unknown): Exclude<Verdict, 'broken'> {
  const { verdict } = result as ClassifiedError;
  if (verdict === 'broken') throw new Error('the predicate is broken');
  return verdict;
}

function promised(entry: Entry): Promise<unknown> {
  return new Promise((resolve) => resolve(entry.work()));
}

function asOutcome(error: unknown): CallResult<unknown> {
  if (!(error instanceof CircuitOpenError)) return { status: 'failure', error };
  return { status: 'rejected', rejection: error, retryAfter: error.retryAfter };
}

function canAbort({ call, caller }: Entry): boolean {
  return call.signal === 'fresh' && !caller.signal.aborted;
}

function choose(entries: readonly Entry[], which: number, can: (entry: Entry) => boolean): Entry | undefined {
  const candidates = entries.filter(can);
  return candidates[which % candidates.length];
}

/** Lets everything that waits for microtasks run. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
