import { instrumentation } from '@fusewire/next';

/** Starts the program with the server, so that queues go on after a restart. Wrong settings end the server. */
export const { register, onRequestError } = instrumentation({
  async start() {
    // Next.js compiles this file for the edge runtime too, and leaves out there what this condition guards.
    if (process.env.NEXT_RUNTIME !== 'nodejs') return;
    const { startOrExit } = await import('./lib/web/running-program.ts');
    await startOrExit();
  },
});
