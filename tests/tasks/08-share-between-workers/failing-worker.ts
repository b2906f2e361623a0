/** Worker that calls a service that fails, through the solution in the module that its data names. */
import { workerData } from 'node:worker_threads';

const { ask } = (await import(String(workerData))) as { ask(work: () => Promise<string>): Promise<string> };
for (let calls = 0; calls < 5; calls++) await ask(() => Promise.reject(new Error('down'))).catch(() => undefined);
