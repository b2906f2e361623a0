/** Child programs. Each is killed, with every process it started, after its time limit or when this process ends. */
import type { ChildProcess, StdioOptions } from 'node:child_process';
import { interruptible, kill, spawnGroup } from '../../.ci/lib/processes.mjs';

interruptible();

interface Settings {
  readonly cwd?: string;
  readonly env?: Readonly<NodeJS.ProcessEnv>;
  readonly stdio?: StdioOptions;
  readonly seconds?: number;
}

/** A running program. Disposing it kills it. */
export interface Program extends Disposable {
  readonly child: ChildProcess;
  /** Resolves with the standard output once the program succeeds; rejects with its whole output otherwise. */
  readonly done: Promise<string>;
}

export function start(command: readonly string[], settings: Settings = {}): Program {
  const { cwd, env, stdio = ['ignore', 'pipe', 'pipe'], seconds = 300 } = settings;
  const [program, ...args] = command;
  const child = spawnGroup(program, args, { cwd, env: { ...process.env, ...env }, stdio }) as ChildProcess;
  const end = (): void => kill(child);
  const done = new Promise<string>((resolve, reject) => {
    let output = '';
    let errors = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text));
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
      else reject(new Error(`${command.join(' ')} ${why}\n${output}${errors}`));
    });
  });
  // Nobody awaits the end of a program that is disposed.
  done.catch(() => {});
  return { child, done, [Symbol.dispose]: end };
}

/** Runs a program to its end. Resolves with its standard output. */
export async function run(command: readonly string[], settings?: Settings): Promise<string> {
  using program = start(command, settings);
  return await program.done;
}

/** Resolves as `wanted` does; rejects if the program ends first. */
export function before<T>(program: Program, wanted: Promise<T>): Promise<T> {
  const ended = program.done.then((output): never => {
    throw new Error(`ended too early\n${output}`);
  });
  return Promise.race([wanted, ended]);
}
