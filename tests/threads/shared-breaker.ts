/** Breakers of process scope in this thread and in workers. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { CircuitBreaker, type CircuitBreakerOptions } from 'fusewire';

export const options = { failureThreshold: 3, timeout: false } as const satisfies CircuitBreakerOptions;

/** Opens the shared breaker of a name in this thread. */
export function open(name: string, given: CircuitBreakerOptions = options): CircuitBreaker {
  return new CircuitBreaker({ ...given, name, scope: 'process' });
}

/** Runs a call that fails. */
export function fail(breaker: CircuitBreaker): Promise<unknown> {
  return breaker.tryExecute(() => Promise.reject(new Error('down')));
}

/** A worker that has run its code and is still alive, and the value that the code returned. */
export interface RunningWorker {
  readonly worker: Worker;
  readonly posted: unknown;
}

/**
 * Starts a worker that opens the shared breaker `name` as `breaker` and runs `code` in an async function. Resolves when the code
 * has returned. The worker then waits for a message and runs `afterwards`.
 */
export async function startWorker(
  name: string,
  code: string,
  given: CircuitBreakerOptions = options,
  afterwards = '',
): Promise<RunningWorker> {
  const worker = new Worker(
    `import { parentPort } from 'node:worker_threads';
     import { CircuitBreaker } from ${JSON.stringify(import.meta.resolve('fusewire'))};
     const open = () => new CircuitBreaker({ ...${JSON.stringify(given)}, name: ${JSON.stringify(name)}, scope: 'process' });
     const breaker = open();
     const fail = () => breaker.tryExecute(() => Promise.reject(new Error('down')));
     const hang = () => { let ran = 0; void breaker.tryExecute(() => { ran = 1; return new Promise(() => {}); }); return ran; };
     parentPort.on('message', () => { ${afterwards} });
     parentPort.postMessage(await (async () => { ${code} })());`,
    { eval: true, execArgv: ['--input-type=module'], resourceLimits: { maxOldGenerationSizeMb: 32 } },
  );
  const [posted] = (await once(worker, 'message')) as [unknown];
  return { worker, posted };
}

/** Runs code in a worker like {@link startWorker}, and terminates the worker. Resolves with the value that the code returned. */
export async function inWorker(name: string, code: string, given?: CircuitBreakerOptions): Promise<unknown> {
  const { worker, posted } = await startWorker(name, code, given);
  await worker.terminate();
  return posted;
}
