import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Program of `@fusewire/operations` for the commands about programs that run. */
interface Operations {
  main(command: string, args: readonly string[]): Promise<number>;
}

const COMMANDS: readonly string[] = ['dashboard', 'top', 'events'];

/** Whether a command is about programs that run, which `@fusewire/operations` does. */
export function isOperation(command: string | undefined): command is string {
  return command !== undefined && COMMANDS.includes(command);
}

/** Runs a command of the `@fusewire/operations` that is installed in the present folder, and sets the exit code. */
export async function operate(command: string, args: readonly string[]): Promise<void> {
  const operations = loadOperations();
  if (operations !== undefined) return void (process.exitCode = await operations.main(command, args));
  process.stderr.write(`fusewire: ${command} is a command of @fusewire/operations, which is not installed here\n`);
  process.exitCode = 2;
}

function loadOperations(): Operations | undefined {
  try {
    return createRequire(join(process.cwd(), 'package.json'))('@fusewire/operations/cli') as Operations;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
