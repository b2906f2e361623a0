import { CircuitBreaker, readOptions } from 'fusewire';
import type { CallContext, CallOptions, CallResult, CircuitBreakerOptions, StateChangeEvent } from 'fusewire';
import type { EventLog, LogEntry, OrderEntry, OutcomeEntry } from './event-log.ts';

/** How a recording is kept. */
export interface RecordingOptions {
  /** Entries at most: 1 to 10 000 000. What happens after that is not recorded. Default 100 000. */
  readonly limit?: number | undefined;
}

type Work<T> = ((context: CallContext) => T | PromiseLike<T>) | PromiseLike<T>;

/** A breaker that writes down what happens to it, for {@link replay}. */
export class RecordedBreaker extends CircuitBreaker {
  readonly #recorder: Recorder;

  /** @internal */
  constructor(options: CircuitBreakerOptions, recorder: Recorder) {
    super({ ...options, clock: recorder.clock, classify: recorder.watchVerdicts(options.classify) });
    this.#recorder = recorder;
    recorder.listenTo(this);
  }

  /** What has happened so far. */
  get log(): EventLog {
    return this.#recorder.log();
  }

  override execute<T>(work: Work<T>, options?: CallOptions): Promise<Awaited<T>> {
    return super.execute(this.#recorder.watch(work), options);
  }

  override tryExecute<T>(work: Work<T>, options?: CallOptions): Promise<CallResult<Awaited<T>>> {
    return super.tryExecute(this.#recorder.watch(work), options);
  }

  override wrap<This, Arguments extends unknown[], R>(
    fn: (this: This, ...args: Arguments) => R,
  ): (this: This, ...args: Arguments) => Promise<Awaited<R>> {
    const execute = (work: () => R) => this.execute(work);
    super.wrap(fn);
    return function (this: This, ...args: Arguments) {
      return execute(() => fn.apply(this, args));
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

  /** Orders stand in the log before the transitions that they make. */
  #order<Order extends OrderEntry['order'], Given>(order: Order, give: () => Given): Given {
    const recorder = this.#recorder;
    const number = recorder.order({ order });
    const release = give();
    if (typeof release !== 'function') return release;
    const releaseRecorded = () => {
      recorder.order({ order: 'release', released: number });
      (release as () => void)();
    };
    return releaseRecorded as Given;
  }
}

/**
 * Makes a breaker that writes down every admission, outcome, rejection, order and transition, at the cost of one object
 * each. {@link replay} then shows the same again, or what other options would have made of it.
 *
 * @param options of the breaker. `responseTimes: false` and `scope: 'process'` cannot be recorded.
 * @throws {BreakerOptionsError} as the constructor does, and for what cannot be recorded, or a bad `limit`.
 */
export function recordBreaker(options: CircuitBreakerOptions = {}, recording: RecordingOptions = {}): RecordedBreaker {
  const limit = readLimit(recording);
  checkRecordable(options);
  const { clock = () => performance.now(), seed = Math.floor(Math.random() * Number.MAX_SAFE_INTEGER) } = options;
  const seeded = { ...options, seed };
  return new RecordedBreaker(seeded, new Recorder(seeded, clock, limit));
}

function readLimit(recording: RecordingOptions): number {
  const reader = readOptions('Recording', 'breaker', recording);
  const limit = reader.number('limit', 1, LARGEST_LIMIT, `a whole number from 1 to ${LARGEST_LIMIT}`, true);
  reader.finish();
  return limit ?? DEFAULT_LIMIT;
}

/** The rest is checked by the breaker itself. */
function checkRecordable(options: CircuitBreakerOptions): void {
  const reader = readOptions('Circuit breaker', 'unnamed', options);
  reader.callable('clock');
  reader.rest();
  if (options.responseTimes === false) reader.report('responseTimes', 'conflict', 'true where a breaker is recorded');
  if (options.scope === 'process') reader.report('scope', 'conflict', "'local' where a breaker is recorded");
  reader.finish();
}

const DEFAULT_LIMIT = 100_000;
const LARGEST_LIMIT = 10_000_000;

/** Milliseconds by which two readings of one instant may differ: `a - (a - b)` is not always `b`. */
const ROUNDING = 1e-6;

class Recorder {
  /** The breaker's clock: what it showed last is the time at which whatever is told of happened. */
  readonly clock: () => number;
  readonly #given: CircuitBreakerOptions;
  readonly #limit: number;
  readonly #entries: LogEntry[] = [];
  /** When each call under way was admitted, the oldest first. */
  readonly #running = new Map<number, number>();
  #options: CircuitBreakerOptions = {};
  /** The calls whose work has settled, and the breaker has not yet been told. */
  #settling: number[] = [];
  #now = 0;
  #calls = 0;
  #orders = 0;
  #truncated = false;
  /** What `classify` said about the call that is just ending. */
  #openFor: number | undefined;

  constructor(options: CircuitBreakerOptions, clock: () => number, limit: number) {
    this.#given = options;
    this.#limit = limit;
    this.clock = () => (this.#now = clock());
  }

  log(): EventLog {
    const [entries, truncated] = [[...this.#entries], this.#truncated];
    return { version: 1, options: this.#options, entries, until: this.clock(), truncated };
  }

  /** Follows a breaker, which has taken the options: what is not left out of them is data. */
  listenTo(breaker: CircuitBreaker): void {
    this.#options = dataOf(this.#given);
    breaker.on('success', ({ duration }) => this.#outcome('success', duration));
    breaker.on('ignore', ({ duration }) => this.#outcome('ignored', duration));
    // A timeout is told of as a failure right after.
    let timedOut = false;
    breaker.on('timeout', () => (timedOut = true));
    breaker.on('failure', ({ duration }) => {
      this.#outcome(timedOut ? 'timeout' : 'failure', duration);
      timedOut = false;
    });
    breaker.on('reject', ({ reason }) => this.#add({ type: 'rejection', at: this.#now, reason }));
    breaker.on('stateChange', (event) => this.#transition(event));
  }

  /** The work, which tells when it is admitted and when it settles. What is no work is left for the breaker to refuse. */
  watch<T>(work: Work<T>): Work<T> {
    if (typeof work === 'function') return (context: CallContext) => this.#run(() => work(context)) as T;
    if (!isThenable(work)) return work;
    // The breaker's own promise tells of its rejection, if the call is admitted; if not, nobody asked for it.
    work.then(undefined, () => undefined);
    return () => this.#run(() => work) as PromiseLike<T>;
  }

  /** Work settles in the order in which the breaker is told of it, one microtask later. */
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
    const settling = () => void this.#settling.push(call);
    if (isThenable(started)) Promise.resolve(started).then(settling, settling);
    else settling();
    return started;
  }

  /** `classify`, whose orders to open for some time show in no event. */
  watchVerdicts(classify: CircuitBreakerOptions['classify']): CircuitBreakerOptions['classify'] {
    if (typeof classify !== 'function') return classify;
    return (error) => {
      const verdict = classify(error);
      if (typeof verdict === 'object') this.#openFor = verdict.openFor;
      return verdict;
    };
  }

  /** Returns how many orders stand before this one. */
  order(given: Pick<OrderEntry, 'order' | 'released'>): number {
    this.#add({ type: 'order', at: this.clock(), ...given });
    return this.#orders++;
  }

  #outcome(outcome: OutcomeEntry['outcome'], duration: number | null): void {
    const at = this.#now;
    const admitted = at - (duration ?? 0);
    const call = this.#settled(admitted) ?? this.#insertAdmission(admitted);
    this.#running.delete(call);
    const openFor = this.#openFor;
    this.#openFor = undefined;
    this.#add({ type: 'outcome', at, call, outcome, ...(openFor !== undefined && { openFor }) });
  }

  /** Which call it was that just ended: of those that settle, or else, as it was timed out or aborted, of any. */
  #settled(admitted: number): number | undefined {
    const isMeant = (call: number) => Math.abs((this.#running.get(call) ?? Number.NaN) - admitted) < ROUNDING;
    const position = this.#settling.findIndex(isMeant);
    const call = this.#settling[position];
    this.#settling = this.#settling.filter((other) => other !== call && this.#running.has(other));
    return call ?? [...this.#running.keys()].find(isMeant);
  }

  /** A call that came through a pipeline shows only when it ends. */
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

/** The options that are data: functions say nothing in a log. */
function dataOf(options: CircuitBreakerOptions): CircuitBreakerOptions {
  const isData = ([name, value]: [string, unknown]) => typeof value !== 'function' && name !== 'logger';
  return JSON.parse(
    JSON.stringify(Object.fromEntries(Object.entries(options).filter(isData))),
  ) as CircuitBreakerOptions;
}
