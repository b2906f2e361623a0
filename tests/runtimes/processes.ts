/** Programs that end in time: with all that they started, when their time is up or this process ends. */
import type { ChildProcess, StdioOptions } from 'node:child_process';
import { interruptible, kill, spawnGroup } from '../../.ci/lib/processes.mjs';

interruptible();

interface Settings {
  readonly cwd?: string;
  readonly env?: Readonly<NodeJS.ProcessEnv>;
  readonly stdio?: StdioOptions;
  readonly seconds?: number;
}

/** A program under way. Disposing of it ends it. */
export interface Program extends Disposable {
  readonly child: ChildProcess;
  /** What it wrote, once it has ended well; rejects with what it complained of otherwise. */
  readonly done: Promise<string>;
}

export function start(command: readonly string[], settings: Settings = {}): Program {
  const { cwd, env, stdio = ['ignore', 'pipe', 'pipe'], seconds = 60 } = settings;
  const [program, ...args] = command;
  const child = spawnGroup(program, args, { cwd, env: { ...process.env, ...env }, stdio }) as ChildProcess;
  const end = (): void => kill(child);
  const done = new Promise<string>((resolve, reject) => {
    let output = '';
    let complaints = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaints += text));
    let late = false;
    const deadline = setTimeout(() => {
      late = true;
      end();
    }, seconds * 1_000);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(deadline);
      const why = late ? `did not end within ${seconds} s` : `ended with ${signal ?? code}`;
      if (code === 0) resolve(output);
      else reject(new Error(`${command.join(' ')} ${why}\n${output}${complaints}`));
    });
  });
  // Whoever disposes of a program does not ask how it ended.
  done.catch(() => {});
  return { child, done, [Symbol.dispose]: end };
}

/** Runs a program to its end; returns what it wrote. */
export async function run(command: readonly string[], settings?: Settings): Promise<string> {
  using program = start(command, settings);
  return await program.done;
}

/** What `wanted` resolves with, unless the program ends first. */
export function before<T>(program: Program, wanted: Promise<T>): Promise<T> {
  const ended = program.done.then((output): never => {
    throw new Error(`ended too early\n${output}`);
  });
  return Promise.race([wanted, ended]);
}
