import { readOptions } from 'fusewire';
import { signalOf, wait } from './waiting.ts';

/** What a scripted dependency does with one call. Made by {@link succeed}, {@link fail} or {@link hang}. */
export interface Step<T = unknown> {
  /** Milliseconds from the call until it settles. */
  readonly after: number;
  /** How it settles; undefined where it never does. */
  readonly settle: (() => T) | undefined;
}

/** When a step settles. */
export interface StepOptions {
  /** Milliseconds after the call: from 0. Default 0, which is at once. */
  readonly after?: number | undefined;
}

/** Answers with `value`. */
export function succeed<T>(value: T, options?: StepOptions): Step<T> {
  return { after: readStep('succeed', options), settle: () => value };
}

/** Rejects with `error`. Default: an `Error`. */
export function fail(error: unknown = new Error('The scripted dependency failed'), options?: StepOptions): Step<never> {
  return {
    after: readStep('fail', options),
    settle() {
      throw error;
    },
  };
}

/** Never answers, until the call is aborted. */
export function hang(): Step<never> {
  return { after: Number.POSITIVE_INFINITY, settle: undefined };
}

/** `step`, so many times. */
export function times<T>(count: number, step: Step<T>): Step<T>[] {
  if (!Number.isInteger(count) || count < 0)
    throw new RangeError(`times takes a whole number from 0, got ${String(count)}`);
  return Array.from({ length: count }, () => step);
}

/** One call that a scripted dependency got. */
export interface ScriptedCall {
  readonly arguments: readonly unknown[];
  /** What became of it so far. */
  readonly outcome: 'running' | 'succeeded' | 'failed' | 'aborted';
}

/** A dependency that follows a script. */
export interface ScriptedDependency<T> {
  /**
   * Takes the next step. Hand it to `execute`, or call it inside: where the first argument has a `signal`, as the context
   * of a call has, an abort ends a step that waits, with the signal's reason.
   */
  (...args: unknown[]): Promise<T>;
  /** Every call so far, in order. */
  readonly calls: readonly ScriptedCall[];
  /** Steps that nobody has taken yet. */
  readonly remaining: number;
}

/** How a scripted dependency ends. */
export interface ScriptedOptions {
  /**
   * What comes after the last step: `'throw'` an error that tells so, `'repeat'` the last step, or `'cycle'` to begin
   * again. Default `'throw'`.
   */
  readonly afterwards?: 'throw' | 'repeat' | 'cycle' | undefined;
}

/**
 * Makes a dependency that does as the script says, one step for each call. Delays run on `setTimeout`, so that fake timers
 * move them.
 *
 * @throws {TypeError} if the script is empty or holds something that is no step, or with what is wrong with the options.
 */
export function scripted<T>(script: readonly (Step<T> | readonly Step<T>[])[], options?: ScriptedOptions) {
  const steps = (Array.isArray(script) ? script.flat() : []) as Step<T>[];
  if (steps.length === 0 || !steps.every(isStep)) {
    throw new TypeError('scripted takes steps made by succeed, fail, hang or times, at least one');
  }
  const afterwards = readScripted(options);
  const calls: RunningCall[] = [];
  const run = (...args: unknown[]): Promise<T> => {
    const call: RunningCall = { arguments: args, outcome: 'running' };
    const step = stepAt(steps, calls.push(call) - 1, afterwards);
    return takeStep(step, call, args[0]);
  };
  return Object.defineProperties(run, {
    calls: { get: () => calls.map((call) => ({ ...call })) },
    remaining: { get: () => Math.max(0, steps.length - calls.length) },
  }) as ScriptedDependency<T>;
}

interface RunningCall {
  readonly arguments: readonly unknown[];
  outcome: ScriptedCall['outcome'];
}

type Afterwards = NonNullable<ScriptedOptions['afterwards']>;

function stepAt<T>(steps: readonly Step<T>[], index: number, afterwards: Afterwards): Step<T> {
  const last = steps.length - 1;
  if (index > last && afterwards === 'throw') {
    return fail(new Error(`The script has ${steps.length} steps, and this is call ${index + 1}`));
  }
  return steps[afterwards === 'cycle' ? index % steps.length : Math.min(index, last)] as Step<T>;
}

async function takeStep<T>({ after, settle }: Step<T>, call: RunningCall, context: unknown): Promise<T> {
  if (after > 0) {
    try {
      await wait(settle && after, signalOf(context));
    } catch (reason) {
      call.outcome = 'aborted';
      throw reason;
    }
  }
  try {
    const value = (settle as () => T)();
    call.outcome = 'succeeded';
    return value;
  } catch (error) {
    call.outcome = 'failed';
    throw error;
  }
}

function isStep(given: unknown): boolean {
  const { after, settle } = (given ?? {}) as Partial<Step>;
  return typeof after === 'number' && (settle === undefined || typeof settle === 'function');
}

function readStep(kind: string, options: StepOptions | undefined): number {
  const reader = readOptions('Step', kind, options ?? {});
  const after = reader.milliseconds('after', 0);
  reader.finish();
  return after ?? 0;
}

function readScripted(options: ScriptedOptions | undefined): Afterwards {
  const reader = readOptions('Scripted dependency', 'scripted', options ?? {});
  const afterwards = reader.oneOf('afterwards', ['throw', 'repeat', 'cycle']);
  reader.finish();
  return afterwards ?? 'throw';
}
