import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { spawnGroup } from '../../../.ci/lib/processes.mjs';

/** Milliseconds within which a worker must go on: a limit for one that is stuck, not for one that is slow. */
const PATIENCE = 60_000;

/** Process of a worker. It prints a line for each operation that it enqueues, and for each one that it has run. */
export class WorkerProcess {
  readonly #child;
  readonly #closed: Promise<[number | null, NodeJS.Signals | null]>;
  readonly #exited: Promise<never>;
  readonly #counts = { '+': 0, '-': 0 };

  /** @param env further variables of the environment. */
  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const options = { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } };
    const child = spawnGroup(process.execPath, ['--no-warnings', ...args], options) as ChildProcess;
    this.#child = child;
    this.#closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
    this.#exited = this.#closed.then(([code, signal]) => {
      throw new Error(`the worker ended by itself, with ${code ?? signal}`);
    });
    this.#exited.catch(() => undefined);
    this.#stdout.setEncoding('utf8').on('data', (text: string) => {
      for (const sign of text) if (sign === '+' || sign === '-') this.#counts[sign]++;
    });
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** Resolves when the worker has enqueued so many more operations. Rejects if it ends before, or does not go on. */
  hasEnqueued(operations: number): Promise<void> {
    return this.#counted('+', operations);
  }

  /** Resolves when the worker has run so many more operations. Rejects if it ends before, or does not go on. */
  hasRun(operations: number): Promise<void> {
    return this.#counted('-', operations);
  }

  /** Suspends the process. */
  stop(): void {
    this.#child.kill('SIGSTOP');
  }

  continue(): void {
    this.#child.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    const [code, signal] = await this.#closed;
    assert.equal(signal, 'SIGKILL', `the worker ended before it was killed, with ${code}`);
  }

  /** Asks the worker to end when the queue is empty. */
  finish(): void {
    this.#child.kill('SIGTERM');
  }

  /** Resolves when the worker has ended by itself, without an error. */
  async ended(): Promise<void> {
    assert.deepEqual(await this.#closed, [0, null]);
  }

  async #counted(sign: '+' | '-', more: number): Promise<void> {
    const count = this.#counts[sign] + more;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const why = new Error(`the worker ${this.pid} did nothing for ${PATIENCE} ms`);
      timer = setTimeout(() => reject(why), PATIENCE);
    });
    late.catch(() => undefined);
    try {
      while (this.#counts[sign] < count) await Promise.race([once(this.#stdout, 'data'), this.#exited, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  get #stdout(): Readable {
    return this.#child.stdout as Readable;
  }
}
