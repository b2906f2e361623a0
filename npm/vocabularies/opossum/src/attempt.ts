import type { Verdict } from 'fusewire';
import type { Run } from './circuit.ts';
import type { Deadline, Deadlines } from './deadlines.ts';
import { lockedError, timeoutError } from './errors.ts';
import { asPromise, whenSettled } from './promises.ts';
import type { Semaphore } from './semaphore.ts';

/** What an attempt needs of its breaker. */
export interface Host {
  readonly semaphore: Semaphore;
  /** Undefined where the action may take as long as it likes. */
  readonly deadlines: Deadlines | undefined;
  /** Runs the action. May throw. */
  act(context: unknown, args: unknown[]): unknown;
  /** Aborts what the caller gave to the action. */
  abort(): void;
  /** The action succeeded: the circuit hears of it right after this, or, if it is a probe, right before. */
  succeeded(attempt: Attempt, value: unknown): void;
  /** The action failed, took too long or could not start. The circuit hears of it right after this. */
  failing(attempt: Attempt): void;
  /** The circuit hears of the failure; returns what it is to make of it. */
  failed(attempt: Attempt): Verdict;
  /** The circuit has heard of the failure: the caller gets an answer. */
  recover(attempt: Attempt, resolve: Settle, reject: Settle): void;
}

/** Settles a promise. */
export type Settle = (outcome: unknown) => void;

/** What became of an attempt. */
export type Ending = 'success' | 'filtered' | 'error' | 'timeout' | 'locked';

/**
 * One run of the action, under the semaphore and the timeout of its breaker.
 *
 * The circuit and the attempt wait for the same promise, the attempt first. So the attempt tells of its end right before
 * the circuit hears of it, and its caller is told when the circuit has. The success of a probe is told of when it has closed
 * the circuit.
 */
export class Attempt implements Run, Deadline {
  due = 0;
  previous: Deadline | undefined;
  next: Deadline | undefined;
  readonly args: unknown[];
  /** Under what its result is kept; undefined where it is not. */
  readonly key: string | undefined;
  isProbe = false;
  /** What became of it; undefined while it is under way. */
  ending: Ending | undefined;
  /** What the action failed with. */
  error: unknown;
  /** Milliseconds from start to end. */
  latency = 0;
  /** What the caller gets; undefined where it could not start. */
  result: Promise<unknown> | undefined;
  /** Settles when the circuit has counted it. */
  counted: Promise<unknown> | undefined;

  readonly #host: Host;
  readonly #context: unknown;
  #started = 0;
  #expired: Settle | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(host: Host, context: unknown, args: unknown[], key: string | undefined) {
    this.#host = host;
    this.#context = context;
    this.args = args;
    this.key = key;
  }

  start(): Promise<unknown> {
    const host = this.#host;
    if (!host.semaphore.test()) throw this.#fail('locked', lockedError());
    this.#started = Date.now();
    const promise = host.deadlines === undefined ? this.#act() : this.#actInTime(host.deadlines);
    this.result = whenSettled(
      promise,
      (value) => {
        this.#end();
        this.ending = 'success';
        if (this.isProbe) return new Aftermath((resolve) => (host.succeeded(this, value), resolve(value)));
        host.succeeded(this, value);
        return value;
      },
      (error) => {
        this.#end();
        this.#fail(this.ending ?? 'error', error);
        return new Aftermath((resolve, reject) => host.recover(this, resolve, reject));
      },
    );
    return promise;
  }

  expire(): void {
    const host = this.#host;
    this.ending = 'timeout';
    host.abort();
    this.#expired?.(timeoutError(host.deadlines?.duration ?? 0));
  }

  failed(): Verdict {
    return this.#host.failed(this);
  }

  #act(): Promise<unknown> {
    try {
      return asPromise(this.#host.act(this.#context, this.args));
    } catch (error) {
      this.#end();
      throw this.#fail('error', error);
    }
  }

  /** Like `#act`, but rejects when the time is over. */
  #actInTime(deadlines: Deadlines): Promise<unknown> {
    let resolve!: Settle;
    const inTime = new Promise((onResolve, onReject) => {
      resolve = onResolve;
      this.#expired = onReject;
    });
    this.#timer = deadlines.add(this);
    void whenSettled(this.#act(), resolve, this.#expired as Settle);
    return inTime;
  }

  #end(): void {
    if (this.#expired !== undefined && this.ending === undefined) this.#leave();
    this.latency = Math.max(0, Date.now() - this.#started);
    this.#host.semaphore.release();
  }

  #leave(): void {
    if (this.#timer === undefined) this.#host.deadlines?.remove(this);
    else clearTimeout(this.#timer);
  }

  /** Returns the error. */
  #fail(ending: Ending, error: unknown): unknown {
    this.ending = ending;
    this.error = error;
    this.#host.failing(this);
    return error;
  }
}

/** What the promise of an attempt waits for: its `then` is called when the circuit has heard of the end. */
class Aftermath {
  readonly then: (resolve: Settle, reject: Settle) => void;

  constructor(then: (resolve: Settle, reject: Settle) => void) {
    this.then = then;
  }
}
