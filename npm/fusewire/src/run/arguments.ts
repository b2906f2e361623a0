import { subscribableOf } from './observables.ts';
import { isThenable } from './promises.ts';
import { LONGEST_TIMER } from '../time/timer.ts';
import { isAbortSignal } from './abort-signals.ts';

const PRIORITIES: readonly unknown[] = [0, 1, 2, 3, 4];

/** Returns the error for invalid arguments of a breaker's `execute`, or undefined if they are valid. */
export function invalidBreakerCall(
  breaker: string,
  work: unknown,
  options: unknown,
  signal: unknown,
): TypeError | undefined {
  if (typeof work !== 'function' && !isThenable(work)) {
    return invalidArgument('Circuit breaker', breaker, `execute takes a function or a promise, got ${typeOf(work)}`);
  }
  return invalidCallOptions('Circuit breaker', breaker, options, signal);
}

/** Returns the error for invalid arguments of a policy's `execute`, or undefined if they are valid. */
export function invalidPolicyCall(
  policy: string,
  work: unknown,
  options: unknown,
  signal: unknown,
): TypeError | undefined {
  if (typeof work !== 'function') {
    return invalidArgument(
      'Policy',
      policy,
      `execute takes a function, which it may delay or run again, got ${typeOf(work)}`,
    );
  }
  const error = invalidCallOptions('Policy', policy, options, signal);
  if (error !== undefined || options === undefined) return error;
  const { priority, key, args, idempotent } = options as { readonly [option: string]: unknown };
  if (priority !== undefined && !PRIORITIES.includes(priority)) {
    return invalidArgument('Policy', policy, 'priority must be a whole number from 0 to 4');
  }
  if (key !== undefined && typeof key !== 'string') return invalidArgument('Policy', policy, 'key must be a string');
  if (idempotent !== undefined && typeof idempotent !== 'boolean') {
    return invalidArgument('Policy', policy, 'idempotent must be true or false');
  }
  if (args !== undefined && !Array.isArray(args)) return invalidArgument('Policy', policy, 'args must be an array');
  return undefined;
}

/** Returns the error for invalid arguments of `executeStream`, or undefined if they are valid. */
export function invalidStreamCall(
  subject: string,
  name: string,
  work: unknown,
  options: unknown,
): TypeError | undefined {
  if (typeof work !== 'function') {
    return invalidArgument(subject, name, `executeStream takes a function that returns a stream, got ${typeOf(work)}`);
  }
  const given = Object(options) as { readonly [option: string]: unknown };
  const error =
    subject === 'Policy'
      ? invalidPolicyCall(name, work, options, given['signal'])
      : invalidCallOptions(subject, name, options, given['signal']);
  if (error !== undefined) return error;
  const invalid = ['firstItem', 'betweenItems'].find((option) => !isTimer(given[option]));
  if (invalid === undefined) return undefined;
  return invalidArgument(subject, name, `${invalid} must be a number of milliseconds from 1 to ${LONGEST_TIMER}`);
}

function isTimer(value: unknown): boolean {
  return value === undefined || (typeof value === 'number' && value >= 1 && value <= LONGEST_TIMER);
}

/** Returns the error for invalid options of a call, or undefined if they are valid. */
export function invalidCallOptions(
  subject: string,
  name: string,
  options: unknown,
  signal: unknown,
): TypeError | undefined {
  if (options !== undefined && (typeof options !== 'object' || options === null)) {
    return invalidArgument(subject, name, 'the options of a call must be an object');
  }
  if (signal !== undefined && !isAbortSignal(signal))
    return invalidArgument(subject, name, 'signal must be an AbortSignal');
  return undefined;
}

function invalidArgument(subject: string, name: string, text: string): TypeError {
  return new TypeError(`${subject} ${name}: ${text}`);
}

function typeOf(value: unknown): string {
  if (isThenable(value)) return 'a promise';
  if (subscribableOf(value) !== undefined) return 'an Observable';
  return value === null ? 'null' : typeof value;
}
