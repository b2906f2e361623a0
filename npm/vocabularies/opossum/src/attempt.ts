import type { Verdict } from 'fusewire';
import type { Run } from './circuit.ts';
import type { Deadline, Deadlines } from './deadlines.ts';
import { lockedError, timeoutError } from './errors.ts';
import { asPromise, whenSettled } from './promises.ts';
import type { Semaphore } from './semaphore.ts';

/** Owner of attempts: runs their action, and receives their outcomes. */
export interface AttemptOwner {
  /** Semaphore of the attempts that start now. */
  readonly semaphore: Semaphore;
  /** Deadlines of the attempts that start now; undefined if they have no timeout. */
  readonly deadlines: Deadlines | undefined;
  /** Aborts the option `abortController`. */
  abort(): void;
  /** Called when the action has succeeded: right before the circuit counts it or, for a probe, right after. */
  onSuccess(attempt: Attempt, value: unknown): void;
  /** Called when the action has failed, timed out or could not start, right before the circuit counts the failure. */
  onFailure(attempt: Attempt): void;
  /** Classifies a failure while the circuit counts it. */
  classifyFailure(attempt: Attempt): Verdict;
  /** Settles the promise of the caller, after the circuit has counted the failure. */
  settleFailure(attempt: Attempt, resolve: Settle, reject: Settle): void;
}

/** Settles a promise. */
export type Settle = (outcome: unknown) => void;

/** Outcome of an attempt. `filtered` is an error that the option `errorFilter` excludes from the failures. */
export type Outcome = 'success' | 'filtered' | 'error' | 'timeout' | 'locked';

/**
 * One run of the action, under the semaphore and the timeout of its breaker.
 *
 * The circuit and the attempt wait for the same promise, the attempt first. So the owner receives an outcome right
 * before the circuit counts it, and the caller's promise settles right after. The success of a probe is the exception:
 * its owner receives it after the circuit has closed.
 */
export class Attempt implements Run, Deadline {
  due = 0;
  previous: Deadline | undefined;
  next: Deadline | undefined;
  readonly args: unknown[];
  /** Key under which the result is cached or shared; undefined if it is neither. */
  readonly key: string | undefined;
  isProbe = false;
  /** Undefined until the attempt has ended. */
  outcome: Outcome | undefined;
  /** Error of the action, or of the breaker. */
  error: unknown;
  /** Milliseconds from start to end. */
  latency = 0;
  /** Promise for the caller; undefined if the action could not start. */
  result: Promise<unknown> | undefined;
  /** Promise that settles when the circuit has counted the outcome. */
  counted: Promise<unknown> | undefined;

  readonly #owner: AttemptOwner;
  readonly #action: unknown;
  readonly #context: unknown;
  #semaphore: Semaphore | undefined;
  #deadlines: Deadlines | undefined;
  #started = 0;
  #rejectOnTimeout: Settle | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(owner: AttemptOwner, action: unknown, context: unknown, args: unknown[], key: string | undefined) {
    this.#owner = owner;
    this.#action = action;
    this.#context = context;
    this.args = args;
    this.key = key;
  }

  start(): Promise<unknown> {
    const owner = this.#owner;
    const { semaphore } = owner;
    if (!semaphore.test()) throw this.#fail('locked', lockedError());
    // Options may change while the action runs: what was taken at the start is given back at the end.
    this.#semaphore = semaphore;
    this.#deadlines = owner.deadlines;
    this.#started = Date.now();
    const promise = this.#deadlines === undefined ? this.#runAction() : this.#runUnderDeadline(this.#deadlines);
    this.result = whenSettled(
      promise,
      (value) => {
        this.#end();
        this.outcome = 'success';
        if (this.isProbe) return new Thenable((resolve) => (owner.onSuccess(this, value), resolve(value)));
        owner.onSuccess(this, value);
        return value;
      },
      (error) => {
        this.#end();
        this.#fail(this.outcome ?? 'error', error);
        return new Thenable((resolve, reject) => owner.settleFailure(this, resolve, reject));
      },
    );
    return promise;
  }

  get hasDeadline(): boolean {
    return this.#deadlines !== undefined;
  }

  expire(): void {
    this.outcome = 'timeout';
    this.#owner.abort();
    this.#rejectOnTimeout?.(timeoutError(this.#deadlines?.duration ?? 0));
  }

  classifyFailure(): Verdict {
    return this.#owner.classifyFailure(this);
  }

  #runAction(): Promise<unknown> {
    try {
      return asPromise(runAction(this.#action, this.#context, this.args));
    } catch (error) {
      this.#end();
      throw this.#fail('error', error);
    }
  }

  /** Runs the action. The promise rejects when the timeout has passed. */
  #runUnderDeadline(deadlines: Deadlines): Promise<unknown> {
    let resolve!: Settle;
    const inTime = new Promise((onResolve, onReject) => {
      resolve = onResolve;
      this.#rejectOnTimeout = onReject;
    });
    this.#timer = deadlines.add(this);
    void whenSettled(this.#runAction(), resolve, this.#rejectOnTimeout as Settle);
    return inTime;
  }

  #end(): void {
    if (this.#rejectOnTimeout !== undefined && this.outcome === undefined) this.#removeDeadline();
    this.latency = Math.max(0, Date.now() - this.#started);
    this.#semaphore?.release();
  }

  #removeDeadline(): void {
    if (this.#timer === undefined) this.#deadlines?.remove(this);
    else clearTimeout(this.#timer);
  }

  /** Records a failure, and returns its error. */
  #fail(outcome: Outcome, error: unknown): unknown {
    this.outcome = outcome;
    this.error = error;
    this.#owner.onFailure(this);
    return error;
  }
}

/** Runs an action, without protection. May throw. */
export function runAction(action: unknown, context: unknown, args: unknown[]): unknown {
  return typeof action === 'function' ? Reflect.apply(action, context, args) : action;
}

/** Thenable that delays the promise of a caller: `then` runs one microtask later, after the circuit has counted. */
class Thenable {
  readonly then: (resolve: Settle, reject: Settle) => void;

  constructor(then: (resolve: Settle, reject: Settle) => void) {
    this.then = then;
  }
}
