import { CircuitOpenError, isRejection } from 'fusewire';
import type { BackendKind, BreakerRegistry, CircuitBreaker, FallbackContext, Outcome, Verdict } from 'fusewire';
import { prefixed } from './checks.ts';
import type { Check } from './checks.ts';
import { checksOf } from './client-checks.ts';
import { CountedQueue } from './counted-queue.ts';
import { createPolicies, KEYS, KINDS } from './policies.ts';
import type { Form, Kind, Policies } from './policies.ts';
import type { NamedQueue } from './queues.ts';
import type { Random } from './random.ts';
import type { TrackedService } from './tracked-service.ts';

/** Longest time in milliseconds until an impatient caller aborts. */
const LONGEST_PATIENCE = 400;
/** Longest duration in milliseconds of work that ignores its signal. */
const LONGEST_WORK = 600;
/** Interval of writes that always fail. */
const FAILING_WRITE_INTERVAL = 30;
/** Interval of calls that a planted error affects, from the first one on. */
const PLANT_INTERVAL = 50;

/** Options of a breaker that also counts overdue calls in flight. */
const IN_FLIGHT_RULES = { slowCallRateThreshold: 0.8, slowCallDuration: 120, inFlight: { limit: 20 } } as const;

export interface ClientOptions {
  readonly queue: NamedQueue;
  readonly form: Form;
  readonly backend: BackendKind;
  readonly registry: BreakerRegistry;
  readonly service: TrackedService;
  /** Alternative provider of the same data. */
  readonly alternative: TrackedService;
  readonly random: Random;
  /** Plants an error: some calls are counted twice. */
  readonly miscount: boolean;
  /** Plants an error: some calls never settle. */
  readonly hang: boolean;
}

/** Client of the service with a pipeline of every policy, and counters of its calls. */
export class Client {
  readonly name: string;
  readonly breaker: CircuitBreaker;
  readonly queue: CountedQueue;
  readonly policies: Policies;
  /** Number of calls that resolved, by the source of their answer. */
  readonly answers: Record<string, number> = {};
  calls = 0;
  /** Number of calls that rejected. */
  failures = 0;
  /** Number of times that the work of a call ran. */
  works = 0;
  /** Number of calls to the alternative provider. */
  alternatives = 0;
  /** Number of times that a queued write was attempted. */
  operations = 0;
  /** Number of attempts that the breaker rejected. */
  circuitRejections = 0;
  /** Number of `reject` events. */
  rejectEvents = 0;
  /** Number of `stateChange` events. */
  stateChangeEvents = 0;
  readonly #options: ClientOptions;
  /** Everything that must settle before the checks. */
  readonly #running = new Set<Promise<unknown>>();
  #writes = 0;

  constructor(options: ClientOptions) {
    const { queue, form, backend, registry, random } = options;
    this.#options = options;
    this.name = `${queue.name}, ${form}, ${backend}`;
    this.queue = new CountedQueue(queue.queue);
    this.breaker = registry.create(this.name, { backend, ...(form === 'object' ? IN_FLIGHT_RULES : {}) });
    this.breaker.on('reject', () => this.rejectEvents++);
    this.breaker.on('stateChange', () => this.stateChangeEvents++);
    this.policies = createPolicies({
      form,
      registry,
      breaker: this.breaker,
      queue: this.queue,
      random: random.fork(),
      callAlternative: (context) => this.#callAlternative(context),
      performWrite: (write, key, signal) => this.#performWrite(write, key, signal),
      classify: (outcome) => this.#classify(outcome),
    });
  }

  /** Starts a call of a random kind, with a random key, priority and time until its caller aborts. */
  start(kind: Kind = this.#options.random.pick(KINDS)): Promise<unknown> {
    const { random, service, miscount, hang } = this.#options;
    const key = `key ${random.below(KEYS)}`;
    const priority = random.below(5) as 0;
    const usesSignal = random.chance(0.95);
    const caller = random.chance(0.25) ? new AbortController() : undefined;
    const abort = () => caller?.abort(new Error('the caller lost patience'));
    const timer = caller && setTimeout(abort, random.between(0, LONGEST_PATIENCE));
    const work = ({ signal }: { readonly signal: AbortSignal }) => {
      this.works++;
      return this.#run(() => service.get(usesSignal ? signal : AbortSignal.timeout(LONGEST_WORK)));
    };
    const args = [kind, kind === 'write' ? this.#nextWrite() : 0];
    const isPlanted = this.calls % PLANT_INTERVAL === 0;
    this.calls += miscount && isPlanted ? 2 : 1;
    const options = { priority, args, signal: caller?.signal, key: kind === 'read' ? key : undefined };
    const call = this.policies.calls.tryExecute(work, options).then(
      (result) => {
        if (result.status === 'success') this.answers[result.source] = (this.answers[result.source] ?? 0) + 1;
        else this.failures++;
      },
      () => this.failures++,
    );
    return this.#run(() => (hang && isPlanted ? new Promise<void>(() => {}) : call.then(() => clearTimeout(timer))));
  }

  /** Number of calls that have not settled. */
  get callsInFlight(): number {
    return this.calls - this.failures - Object.values(this.answers).reduce((total, count) => total + count, 0);
  }

  /** Makes a call. Returns whether the service answered it and the circuit is closed. */
  async hasRecovered(): Promise<boolean> {
    const before = this.answers.call ?? 0;
    await this.start('bare');
    return this.breaker.state === 'CLOSED' && (this.answers.call ?? 0) > before;
  }

  /** Waits until nothing is running. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  /** Returns the checks. Call it while nothing is running. */
  async checks(): Promise<Check[]> {
    return prefixed(this.name, [...checksOf(this), ...(await this.queue.checks())]);
  }

  async close(): Promise<void> {
    await this.policies.writes.close();
    this.breaker.dispose();
    await this.#options.queue.close();
  }

  #callAlternative({ signal }: FallbackContext): Promise<number> {
    this.alternatives++;
    return this.#run(() => this.#options.alternative.get(signal));
  }

  async #performWrite(write: number, key: string, signal: AbortSignal): Promise<void> {
    this.operations++;
    if (write % FAILING_WRITE_INTERVAL === 0) throw new Error('this write always fails');
    await this.#run(() => this.#options.service.get(signal));
    this.queue.markDone(key);
  }

  /** Classifier of the load shedder, which also counts rejections: it is called once for the outcome of each attempt. */
  #classify(outcome: Outcome): Verdict {
    if (!('error' in outcome)) return 'success';
    if (outcome.error instanceof CircuitOpenError) this.circuitRejections++;
    return isRejection(outcome.error) ? 'ignore' : 'failure';
  }

  /** Returns the number of the next write. One write in ten repeats the last number. */
  #nextWrite(): number {
    return this.#options.random.chance(0.1) ? this.#writes : ++this.#writes;
  }

  #run<T>(start: () => Promise<T>): Promise<T> {
    const running = start();
    this.#running.add(running);
    const remove = () => this.#running.delete(running);
    running.then(remove, remove);
    return running;
  }
}
