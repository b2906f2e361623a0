import { once } from '@fusewire/next';
import { startProgram } from '../program.ts';
import { readSettings } from '../settings.ts';

/** Returns the program of this process. Next.js has several bundles of a module; the program is one. */
export function runningProgram() {
  return once('campaign', async () => {
    const program = await startProgram(readSettings(process.env));
    const end = () => void program.close();
    process.once('SIGTERM', end);
    process.once('SIGINT', end);
    return program;
  });
}

/** Starts the program. If that fails, the process ends: Next.js would answer every request with an error. */
export async function startOrExit(): Promise<void> {
  try {
    await runningProgram();
  } catch (error) {
    console.error((error as Error).message);
    process.exit(1);
  }
}
