import { isThenable } from './promises.ts';
import { isAbortSignal } from './signals.ts';

const PRIORITIES: readonly unknown[] = [0, 1, 2, 3, 4];

/** What is wrong with what a call of a breaker was given, if anything is. */
export function misuse(breaker: string, work: unknown, options: unknown, signal: unknown): TypeError | undefined {
  if (typeof work !== 'function' && !isThenable(work)) {
    return complaint('Circuit breaker', breaker, `execute takes a function or a promise, got ${typeOf(work)}`);
  }
  return misuseOfOptions('Circuit breaker', breaker, options, signal);
}

/** What is wrong with what a call of a policy was given, if anything is. */
export function misuseOfPolicy(
  policy: string,
  work: unknown,
  options: unknown,
  signal: unknown,
): TypeError | undefined {
  if (typeof work !== 'function') {
    return complaint(
      'Policy',
      policy,
      `execute takes a function, which it may hold back or run again, got ${typeOf(work)}`,
    );
  }
  const fault = misuseOfOptions('Policy', policy, options, signal);
  if (fault !== undefined || options === undefined) return fault;
  const { priority, key, args } = options as { readonly [option: string]: unknown };
  if (priority !== undefined && !PRIORITIES.includes(priority)) {
    return complaint('Policy', policy, 'priority must be a whole number from 0 to 4');
  }
  if (key !== undefined && typeof key !== 'string') return complaint('Policy', policy, 'key must be a string');
  if (args !== undefined && !Array.isArray(args)) return complaint('Policy', policy, 'args must be an array');
  return undefined;
}

function misuseOfOptions(subject: string, name: string, options: unknown, signal: unknown): TypeError | undefined {
  if (options !== undefined && (typeof options !== 'object' || options === null)) {
    return complaint(subject, name, 'the options of a call must be an object');
  }
  if (signal !== undefined && !isAbortSignal(signal)) return complaint(subject, name, 'signal must be an AbortSignal');
  return undefined;
}

function complaint(subject: string, name: string, text: string): TypeError {
  return new TypeError(`${subject} ${name}: ${text}`);
}

function typeOf(value: unknown): string {
  if (isThenable(value)) return 'a promise';
  return value === null ? 'null' : typeof value;
}
