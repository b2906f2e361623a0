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
