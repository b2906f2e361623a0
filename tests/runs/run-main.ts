import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Result of a program. */
export interface Run {
  readonly status: number | null;
  readonly output: string;
}

/** Returns a function that runs the program `main.ts` beside a test with some arguments. */
export function mainBeside(test: string): (...args: string[]) => Run {
  const program = fileURLToPath(new URL('main.ts', test));
  return (...args) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--no-warnings', program, ...args], {
      encoding: 'utf8',
      timeout: 900_000,
    });
    return { status, output: `${stdout}${stderr}` };
  };
}
