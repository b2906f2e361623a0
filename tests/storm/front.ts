/** One way to call the service: a pipeline of every policy, its calls, and what became of them. */
import { isCircuitOpenError, isRejection } from 'fusewire';
import type { BackendKind, BreakerRegistry, CircuitBreaker, FallbackContext } from 'fusewire';
import { CountedQueue } from './counted-queue.ts';
import { frontSums } from './front-sums.ts';
import { KEYS, KINDS, makePolicies } from './policies.ts';
import type { Form, Kind, Policies } from './policies.ts';
import type { NamedQueue } from './queues.ts';
import type { Random } from './random.ts';
import type { Requests } from './requests.ts';
import type { Sum } from './sums.ts';

const LONGEST_PATIENCE = 400;
/** How long work that does not heed its signal may take, in milliseconds. */
const LONGEST_WORK = 600;
/** One of so many writes is never done. */
const POISON = 30;

/** A breaker that watches calls under way. */
const WATCHFUL = { slowCallRateThreshold: 0.8, slowCallDuration: 120, inFlight: { limit: 20 } } as const;

/** How a front is made. */
export interface FrontOptions {
  readonly queue: NamedQueue;
  readonly form: Form;
  readonly backend: BackendKind;
  readonly registry: BreakerRegistry;
  readonly service: Requests;
  /** Another provider of the same. */
  readonly other: Requests;
  readonly random: Random;
  /** Has every so many calls counted twice. */
  readonly miscount: boolean;
  /** Has one of so many calls never end. */
  readonly hang: boolean;
}

export class Front {
  readonly name: string;
  readonly breaker: CircuitBreaker;
  readonly queue: CountedQueue;
  readonly policies: Policies;
  /** What the callers saw: how many answers came from where, and how many calls rejected. */
  readonly answers: Record<string, number> = {};
  calls = 0;
  failures = 0;
  /** Times that the work of a call ran, the alternative was asked, an operation of the queue was run. */
  works = 0;
  alternatives = 0;
  operations = 0;
  /** Attempts that the breaker rejected, and events that told of rejections. */
  opens = 0;
  rejects = 0;
  stateChanges = 0;
  readonly #options: FrontOptions;
  readonly #running = new Set<Promise<unknown>>();
  #writes = 0;

  constructor(options: FrontOptions) {
    const { queue, form, backend, registry, random } = options;
    this.#options = options;
    this.name = `${queue.name}, ${form}, ${backend}`;
    this.queue = new CountedQueue(queue.queue);
    this.breaker = registry.create(this.name, { backend, ...(form === 'parts' ? WATCHFUL : {}) });
    this.breaker.on('reject', () => this.rejects++);
    this.breaker.on('stateChange', () => this.stateChanges++);
    this.policies = makePolicies({
      form,
      registry,
      breaker: this.breaker,
      queue: this.queue,
      random: random.fork(),
      ask: (context) => this.#ask(context),
      operate: (write, key, signal) => this.#operate(write, key, signal),
      accepted: (error) => this.#accepted(error),
    });
  }

  /** Starts a call by chance: what about, how urgent, with how much patience. */
  start(kind: Kind = this.#options.random.pick(KINDS)): Promise<unknown> {
    const { random, service, miscount, hang } = this.#options;
    const [key, priority, heeds] = [`key ${random.below(KEYS)}`, random.below(5) as 0, random.chance(0.95)];
    const caller = random.chance(0.25) ? new AbortController() : undefined;
    const patience = caller && setTimeout(() => caller.abort(new Error('enough')), random.between(0, LONGEST_PATIENCE));
    const work = ({ signal }: { readonly signal: AbortSignal }) => {
      this.works++;
      return this.#run(() => service.get(heeds ? signal : AbortSignal.timeout(LONGEST_WORK)));
    };
    const args = [kind, kind === 'write' ? this.#nextWrite() : 0];
    this.calls += miscount && this.calls % 50 === 49 ? 2 : 1;
    const options = { priority, args, signal: caller?.signal, key: kind === 'read' ? key : undefined };
    const call = this.policies.calls.executeWithSource(work, options).then(
      ({ source }) => (this.answers[source] = (this.answers[source] ?? 0) + 1),
      () => this.failures++,
    );
    const isLost = hang && this.calls % 50 === 49;
    return this.#run(() => (isLost ? new Promise<void>(() => {}) : call.then(() => clearTimeout(patience))));
  }

  /** Calls that have not ended yet. */
  get underWay(): number {
    return this.calls - this.failures - Object.values(this.answers).reduce((total, count) => total + count, 0);
  }

  /** Whether the service answers, seen from here: the circuit is closed, and a call gets through. */
  async hasRecovered(): Promise<boolean> {
    const before = this.answers.call ?? 0;
    await this.start('bare');
    return this.breaker.state === 'CLOSED' && (this.answers.call ?? 0) > before;
  }

  /** Does what is in the queue, as far as the circuit lets it. */
  replay(): Promise<unknown> {
    return this.policies.later.replay();
  }

  /** Waits until nothing runs any more. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  /** For a moment when nothing runs. */
  async sums(): Promise<Sum[]> {
    const sums = [...frontSums(this), ...(await this.queue.sums())];
    return sums.map(({ what, ...counted }) => ({ what: `${this.name}: ${what}`, ...counted }));
  }

  async close(): Promise<void> {
    await this.policies.later.close();
    this.breaker.dispose();
    await this.#options.queue.close();
  }

  /** Asks the other provider. */
  #ask({ signal }: FallbackContext): Promise<number> {
    this.alternatives++;
    return this.#run(() => this.#options.other.get(signal));
  }

  /** Does what was queued. */
  async #operate(write: number, key: string, signal: AbortSignal): Promise<void> {
    this.operations++;
    if (write % POISON === 0) throw new Error('this write never succeeds');
    await this.#run(() => this.#options.service.get(signal));
    this.queue.done(key);
  }

  /** What did not get through the throttle's inside: looked at by the one predicate that is shown each of it. */
  #accepted(error: unknown): boolean {
    if (isCircuitOpenError(error)) this.opens++;
    return isRejection(error);
  }

  /** One of ten writes is one that was asked for before. */
  #nextWrite(): number {
    return this.#options.random.chance(0.1) ? this.#writes : ++this.#writes;
  }

  /** Runs something that is to have ended before the sums are made. */
  #run<T>(start: () => Promise<T>): Promise<T> {
    const running = start();
    this.#running.add(running);
    const ended = () => this.#running.delete(running);
    running.then(ended, ended);
    return running;
  }
}
