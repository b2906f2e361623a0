import { instrumentation } from '@fusewire/next';

/** Starts the program with the server, so that wrong settings show at once and queues go on after a restart. */
export const { register, onRequestError } = instrumentation({
  async start() {
    // Next.js compiles this file for the edge runtime too, and leaves out there what this condition guards.
    if (process.env.NEXT_RUNTIME !== 'nodejs') return;
    const { runningProgram } = await import('./lib/web/running-program.ts');
    await runningProgram();
  },
});
