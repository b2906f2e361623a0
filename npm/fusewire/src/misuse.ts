import { isThenable } from './promises.ts';
import { isAbortSignal } from './signals.ts';

/** What is wrong with what a call was given, if anything is. */
export function misuse(breaker: string, work: unknown, options: unknown, signal: unknown): TypeError | undefined {
  const complain = (complaint: string) => new TypeError(`Circuit breaker ${breaker}: ${complaint}`);
  if (typeof work !== 'function' && !isThenable(work)) {
    return complain(`execute takes a function or a promise, got ${work === null ? 'null' : typeof work}`);
  }
  if (options !== undefined && (typeof options !== 'object' || options === null)) {
    return complain('the options of a call must be an object');
  }
  if (signal !== undefined && !isAbortSignal(signal)) return complain('signal must be an AbortSignal');
  return undefined;
}
