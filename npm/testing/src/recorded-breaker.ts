import { CircuitBreaker } from 'fusewire';
import { readOptions } from 'fusewire/kit';
import type { CallContext, CallOptions, CallResult, CircuitBreakerOptions, Clock, StateChangeEvent } from 'fusewire';
import type { IfSpecial, ShadowUpdate, SpecialResult, SpecialValue, UpdateOptions } from 'fusewire';
import type { EventLog, LogEntry, OrderEntry, OutcomeEntry } from './event-log.ts';

/** Options of the recording. */
export interface RecordingOptions {
  /** Largest number of entries: 1 to 10 000 000. Later events are not recorded. Default 100 000. */
  readonly limit?: number | undefined;
}

type Work<T> = ((context: CallContext) => T | PromiseLike<T>) | PromiseLike<T>;

/** Breaker that records its calls and transitions for {@link replay}. */
export class RecordedBreaker extends CircuitBreaker {
  readonly #recorder: Recorder;

  /** @internal */
  constructor(options: CircuitBreakerOptions, recorder: Recorder) {
    super({ ...options, clock: recorder.clock, classify: recorder.recordVerdicts(options.classify) });
    this.#recorder = recorder;
    recorder.listenTo(this);
  }

  /** Log of all events so far. */
  get log(): EventLog {
    return this.#recorder.log();
  }

  override execute<Result extends SpecialResult>(
    work: ((context: CallContext) => Result) & IfSpecial<Result>,
    options?: CallOptions,
  ): Promise<SpecialValue<Result>>;
  override execute<T>(work: Work<T>, options?: CallOptions): Promise<Awaited<T>>;
  override execute<T>(work: Work<T>, options?: CallOptions): Promise<Awaited<T>> {
    return super.execute(this.#recorder.recordWork(work), options);
  }

  override tryExecute<Result extends SpecialResult>(
    work: ((context: CallContext) => Result) & IfSpecial<Result>,
    options?: CallOptions,
  ): Promise<CallResult<SpecialValue<Result>>>;
  override tryExecute<T>(work: Work<T>, options?: CallOptions): Promise<CallResult<Awaited<T>>>;
  override tryExecute<T>(work: Work<T>, options?: CallOptions): Promise<CallResult<Awaited<T>>> {
    return super.tryExecute(this.#recorder.recordWork(work), options);
  }

  override open(duration?: number): void {
    this.#order('open', () => super.open(duration), duration === undefined ? {} : { duration });
  }

  override update(options: UpdateOptions): void;
  override update(options: UpdateOptions, how: { readonly shadow: true }): ShadowUpdate;
  override update(options: UpdateOptions, how?: { readonly shadow?: boolean | undefined }): ShadowUpdate | undefined;
  override update(options: UpdateOptions, how?: { readonly shadow?: boolean | undefined }): ShadowUpdate | undefined {
    const changes = { ...options };
    if (how?.shadow !== true) return this.#order('update', () => void super.update(options), { changes });
    const trial = super.update(options, { shadow: true });
    return {
      get state() {
        return trial.state;
      },
      apply: () => this.#order('update', () => trial.apply(), { changes }),
      cancel: () => trial.cancel(),
    };
  }

  override forceOpen(): () => void {
    return this.#order('forceOpen', () => super.forceOpen());
  }

  override forceClosed(): () => void {
    return this.#order('forceClosed', () => super.forceClosed());
  }

  override shadow(): () => void {
    return this.#order('shadow', () => super.shadow());
  }

  override releaseOverride(): void {
    this.#order('releaseOverride', () => super.releaseOverride());
  }

  override reset(): void {
    this.#order('reset', () => super.reset());
  }

  /** Records an order before it is carried out, so that its entry precedes those of its transitions. */
  #order<Result>(
    order: OrderEntry['order'],
    carryOut: () => Result,
    details: Pick<OrderEntry, 'duration' | 'changes'> = {},
  ): Result {
    const recorder = this.#recorder;
    const index = recorder.order({ order, ...details });
    let release: Result;
    try {
      release = carryOut();
    } catch (error) {
      recorder.retractOrder();
      throw error;
    }
    if (typeof release !== 'function') return release;
    const recordedRelease = () => {
      recorder.order({ order: 'release', released: index });
      (release as () => void)();
    };
    return recordedRelease as Result;
  }
}

/**
 * Returns a breaker that records every admission, outcome, rejection, order and transition, at the cost of one object each.
 * {@link replay} repeats the recorded calls, with the same options or others.
 *
 * @param options options of the breaker. `responseTimes: false`, `scope: 'process'` and `observables: 'first-value'` are not
 *   supported.
 * @throws {OptionsError} with every invalid option, as the constructor does.
 */
export function recordedBreaker(
  options: CircuitBreakerOptions = {},
  recording: RecordingOptions = {},
): RecordedBreaker {
  const limit = readLimit(recording);
  checkRecordable(options);
  const { clock = () => performance.now(), seed = Math.floor(Math.random() * Number.MAX_SAFE_INTEGER) } = options;
  const seeded = { ...options, seed };
  return new RecordedBreaker(seeded, new Recorder(seeded, clock, limit));
}

function readLimit(recording: RecordingOptions): number {
  const reader = readOptions('Recording', 'breaker', recording);
  const limit = reader.number('limit', 1, MAX_LIMIT, `a whole number from 1 to ${MAX_LIMIT}`, true);
  reader.finish();
  return limit ?? DEFAULT_LIMIT;
}

/** Rejects options that cannot be recorded. The breaker checks the others itself. */
function checkRecordable(options: CircuitBreakerOptions): void {
  const reader = readOptions('Circuit breaker', 'unnamed', options);
  reader.callable('clock');
  reader.rest();
  if (options.responseTimes === false) reader.report('responseTimes', 'conflict', 'true for a recorded breaker');
  if (options.scope === 'process') reader.report('scope', 'conflict', "'local' for a recorded breaker");
  if (options.observables === 'first-value')
    reader.report('observables', 'conflict', "'reject' for a recorded breaker");
  reader.finish();
}

const DEFAULT_LIMIT = 100_000;
const MAX_LIMIT = 10_000_000;

/** Rounding error in milliseconds of `a - (a - b)`, which is not always `b`. */
const ROUNDING = 1e-6;

/** Writer of the log of one breaker. */
class Recorder {
  /** Clock of the breaker. Events are recorded at its last reading. */
  readonly clock: Clock;
  readonly #input: CircuitBreakerOptions;
  readonly #limit: number;
  readonly #entries: LogEntry[] = [];
  /** Admission times of running calls by number, the oldest first. */
  readonly #running = new Map<number, number>();
  #options: CircuitBreakerOptions = {};
  /** Calls whose work has settled, but whose outcome the breaker has not yet reported. */
  #settling: number[] = [];
  #now = 0;
  #calls = 0;
  #orders = 0;
  #truncated = false;
  /** Open time that `classify` returned for the next outcome. */
  #openFor: number | undefined;

  constructor(options: CircuitBreakerOptions, clock: Clock, limit: number) {
    this.#input = options;
    this.#limit = limit;
    // With the timers of the given clock, which drive the call timeouts.
    this.clock = Object.assign(() => (this.#now = clock()), { setTimer: clock.setTimer });
  }

  log(): EventLog {
    const [entries, truncated] = [[...this.#entries], this.#truncated];
    return { version: 1, options: this.#options, entries, until: this.clock(), truncated };
  }

  /** Records the events of a breaker. The breaker has validated the options, so that those without functions are data. */
  listenTo(breaker: CircuitBreaker): void {
    this.#options = dataOf(this.#input);
    breaker.on('success', ({ duration }) => this.#outcome('success', duration));
    breaker.on('ignore', ({ duration }) => this.#outcome('ignored', duration));
    // A timeout is also emitted as a failure, right after.
    let timedOut = false;
    breaker.on('timeout', () => (timedOut = true));
    breaker.on('failure', ({ duration }) => {
      this.#outcome(timedOut ? 'timeout' : 'failure', duration);
      timedOut = false;
    });
    breaker.on('reject', ({ reason }) => this.#add({ type: 'rejection', at: this.#now, reason }));
    breaker.on('stateChange', (event) => this.#transition(event));
  }

  /** Returns work that records its admission and its end. A value that is no work is returned for the breaker to reject. */
  recordWork<T>(work: Work<T>): Work<T> {
    if (typeof work === 'function') return (context: CallContext) => this.#run(() => work(context)) as T;
    if (!isThenable(work)) return work;
    // Prevents an unhandled rejection. If the call is admitted, the breaker's own promise reports it.
    work.then(undefined, () => undefined);
    return () => this.#run(() => work) as PromiseLike<T>;
  }

  /** Starts work, and records the order in which work settles. The breaker handles it in the same order, one microtask later. */
  #run(start: () => unknown): unknown {
    const call = this.#calls++;
    this.#running.set(call, this.#now);
    this.#add({ type: 'admission', at: this.#now, call });
    let started: unknown;
    try {
      started = start();
    } catch (error) {
      this.#settling.unshift(call);
      throw error;
    }
    const onSettle = () => void this.#settling.push(call);
    if (isThenable(started)) Promise.resolve(started).then(onSettle, onSettle);
    else onSettle();
    return started;
  }

  /** Returns a `classify` that records open times, which no event contains. */
  recordVerdicts(classify: CircuitBreakerOptions['classify']): CircuitBreakerOptions['classify'] {
    if (typeof classify !== 'function') return classify;
    return (outcome) => {
      const verdict = classify(outcome);
      if (typeof verdict === 'object') this.#openFor = verdict.openFor;
      return verdict;
    };
  }

  /** Records an order. Returns its index among all orders. */
  order(entry: Omit<OrderEntry, 'type' | 'at'>): number {
    this.#add({ type: 'order', at: this.clock(), ...entry });
    return this.#orders++;
  }

  /** Removes the latest entry: an order that was refused, and so has caused nothing. */
  retractOrder(): void {
    this.#orders--;
    if (!this.#truncated) this.#entries.pop();
  }

  #outcome(outcome: OutcomeEntry['outcome'], duration: number | null): void {
    const at = this.#now;
    const admitted = at - (duration ?? 0);
    const call = this.#endedCall(admitted) ?? this.#insertAdmission(admitted);
    this.#running.delete(call);
    const openFor = this.#openFor;
    this.#openFor = undefined;
    this.#add({ type: 'outcome', at, call, outcome, ...(openFor !== undefined && { openFor }) });
  }

  /** Finds the call that has ended: one whose work has settled, or else one that timed out or was aborted. */
  #endedCall(admitted: number): number | undefined {
    const isMatch = (call: number) => Math.abs((this.#running.get(call) ?? Number.NaN) - admitted) < ROUNDING;
    const position = this.#settling.findIndex(isMatch);
    const call = this.#settling[position];
    this.#settling = this.#settling.filter((other) => other !== call && this.#running.has(other));
    return call ?? [...this.#running.keys()].find(isMatch);
  }

  /** Inserts the admission of a pipeline's call, which is known only when the call ends. */
  #insertAdmission(at: number): number {
    const call = this.#calls++;
    const later = this.#entries.findIndex((entry) => entry.at > at);
    const entry: LogEntry = { type: 'admission', at, call };
    if (this.#entries.length >= this.#limit) this.#truncated = true;
    else this.#entries.splice(later < 0 ? this.#entries.length : later, 0, entry);
    return call;
  }

  #transition({ from, to, reason, shadow }: StateChangeEvent): void {
    this.#add({ type: 'transition', at: this.#now, from, to, reason, shadow });
  }

  #add(entry: LogEntry): void {
    if (this.#entries.length < this.#limit) this.#entries.push(entry);
    else this.#truncated = true;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}

/** Returns the options without functions and the logger, which cannot be stored. */
function dataOf(options: CircuitBreakerOptions): CircuitBreakerOptions {
  const isData = ([name, value]: [string, unknown]) => typeof value !== 'function' && name !== 'logger';
  return JSON.parse(
    JSON.stringify(Object.fromEntries(Object.entries(options).filter(isData))),
  ) as CircuitBreakerOptions;
}
