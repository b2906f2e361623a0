/** The reference model of `tests/model`, in a process of its own: a line of JSON in, a line of JSON out. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Case, Program } from './cases.ts';

/** An exact reading, null for none, or the least and the largest value that is allowed. */
export type Reading = number | null | '$Infinity' | readonly [number, number];

/** The expected state after an action, once every due transition is made. */
export interface Expectation {
  /** The permit or the code of the rejection, if the action asked for a permit. */
  readonly admission: number | null;
  readonly word: number;
  /** The readings that changed, with their indices. */
  readonly changed: readonly (readonly [place: number, reading: Reading])[];
}

/** A case, with the expected readings after each action. */
export interface Expected {
  readonly case: Case;
  readonly actions: readonly Expectation[];
}

const root = fileURLToPath(new URL('../../', import.meta.url));

export class Model {
  /** Names of the readings, in their order. */
  readonly names: readonly string[];
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(process: ChildProcess, lines: AsyncIterator<string>, names: readonly string[]) {
    this.#process = process;
    this.#lines = lines;
    this.names = names;
  }

  /** Builds the model if it is out of date, and starts it. */
  static async start(): Promise<Model> {
    const arguments_ = ['run', '--quiet', '--locked', '--package', 'breaker-model'];
    const process = spawn('cargo', arguments_, { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] });
    const reader: Interface = createInterface({ input: process.stdout });
    const lines = reader[Symbol.asyncIterator]();
    return new Model(process, lines, JSON.parse(await nextOf(lines)) as string[]);
  }

  /** Returns the model's expectations for a program or a case. Serves one caller at a time. */
  async expect(asked: Program | Case): Promise<Expected> {
    this.#process.stdin?.write(`${JSON.stringify(asked)}\n`);
    return JSON.parse(await nextOf(this.#lines)) as Expected;
  }

  async stop(): Promise<void> {
    const exited = once(this.#process, 'exit');
    this.#process.stdin?.end();
    await exited;
  }
}

async function nextOf(lines: AsyncIterator<string>): Promise<string> {
  const { done, value } = await lines.next();
  if (done === true) throw new Error('the model has ended: what it said is above');
  return value;
}
