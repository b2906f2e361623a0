import { once } from './registry.ts';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Calls a function when the process is asked to terminate. Does nothing where there is no process. */
export function onTermination(close: () => void): void {
  if (typeof process !== 'object' || typeof process.once !== 'function') return;
  once('termination', () => {
    const functions = new Set<() => void>();
    for (const signal of SIGNALS) {
      process.once(signal, () => {
        for (const its of functions) its();
        // With a listener, Node does not terminate by itself.
        if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
      });
    }
    return functions;
  }).add(close);
}
