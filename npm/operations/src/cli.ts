import process from 'node:process';
import { readArguments } from './cli/arguments.ts';
import type { Arguments } from './cli/arguments.ts';
import { serveDashboard } from './cli/dashboard-server.ts';
import { events } from './cli/events.ts';
import type { Terminal } from './cli/terminal.ts';
import { dashboard } from './dashboard/dashboard.ts';
import { top } from './cli/top.ts';
import { UsageError } from './cli/usage-error.ts';

const COMMANDS: Readonly<
  Record<string, (args: Arguments, terminal: Terminal, interrupted: AbortSignal) => Promise<number>>
> = { dashboard: (...given) => serveDashboard(dashboard(), ...given), top, events };

/**
 * Runs a command of `npx fusewire`: `dashboard`, `top` or `events`. It ends with `SIGINT`, `SIGTERM` or `SIGHUP`.
 *
 * @returns the exit code: 0, 1 if `top` has found an open circuit, or 2 for wrong arguments and programs that do not answer.
 */
export async function main(command: string, args: readonly string[]): Promise<number> {
  const { stdout } = process;
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, interrupt);
  // A pipe whose reader has gone ends the command.
  stdout.once('error', interrupt);
  const terminal: Terminal = {
    isInteractive: stdout.isTTY,
    get columns() {
      return stdout.columns ?? 100;
    },
    get rows() {
      return stdout.rows ?? 40;
    },
    write: (text) => void stdout.write(text),
  };
  try {
    const run = COMMANDS[command];
    if (run === undefined) throw new UsageError(`there is no command ${command}`);
    return await run(readArguments(args, process.env), terminal, interrupted.signal);
  } catch (error) {
    process.stderr.write(
      `fusewire: ${error instanceof UsageError ? error.message : `${command} failed: ${(error as Error).message}`}\n`,
    );
    return 2;
  }
}
