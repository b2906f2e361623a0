import type { Verdict } from 'fusewire';
import type { Run } from './circuit.ts';
import { lockedError, timeoutError } from './errors.ts';
import type { Semaphore } from './semaphore.ts';

/** What an attempt needs of its breaker. */
export interface Host {
  readonly semaphore: Semaphore;
  /** Milliseconds; false or 0 for as long as it likes. */
  readonly timeout: number | false;
  /** Runs the action. May throw. */
  act(context: unknown, args: unknown[]): unknown;
  /** Aborts what the caller gave to the action. */
  abort(): void;
  /** The action succeeded. */
  succeeded(attempt: Attempt): void;
  /** The action failed, took too long or could not start; returns what the circuit is to make of it. */
  failed(attempt: Attempt): Verdict;
}

/** What became of an attempt. */
export type Ending = 'success' | 'filtered' | 'error' | 'timeout' | 'locked';

/** One run of the action, under the semaphore and the timeout of its breaker. */
export class Attempt implements Run {
  readonly args: unknown[];
  /** What became of it; undefined while it is under way. */
  ending: Ending | undefined;
  /** What the action resolved with. */
  value: unknown;
  /** What the action failed with. */
  error: unknown;
  /** Milliseconds from start to end. */
  latency = 0;

  readonly #host: Host;
  readonly #context: unknown;
  #started = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(host: Host, context: unknown, args: unknown[]) {
    this.#host = host;
    this.#context = context;
    this.args = args;
  }

  start(): Promise<Attempt> {
    const { semaphore, timeout } = this.#host;
    if (!semaphore.test()) throw this.#failedWith('locked', lockedError());
    this.#started = Date.now();
    const { promise, resolve, reject } = deferred<Attempt>();
    if (timeout) {
      this.#timer = setTimeout(() => {
        this.#end();
        this.#host.abort();
        reject(this.#failedWith('timeout', timeoutError(timeout)));
      }, timeout);
    }
    let result: unknown;
    try {
      result = this.#host.act(this.#context, this.args);
    } catch (error) {
      this.#end();
      throw this.#failedWith('error', error);
    }
    Promise.resolve(result).then(
      (value) => {
        if (this.ending !== undefined) return;
        this.#end();
        this.ending = 'success';
        this.value = value;
        resolve(this);
      },
      (error: unknown) => {
        if (this.ending !== undefined) return;
        this.#end();
        reject(this.#failedWith('error', error));
      },
    );
    return promise;
  }

  succeeded(): void {
    this.#host.succeeded(this);
  }

  failed(): Verdict {
    return this.#host.failed(this);
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.latency = Math.max(0, Date.now() - this.#started);
    this.#host.semaphore.release();
  }

  #failedWith(ending: Ending, error: unknown): this {
    this.ending = ending;
    this.error = error;
    return this;
  }
}

function deferred<T>() {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
