import { readOptions } from 'fusewire/kit';
import type { Clock } from 'fusewire';
import { shown } from './shown.ts';
import { signalOf, wait } from './wait.ts';

/** Step of a script, which answers one call. {@link succeed}, {@link failWith} and {@link hang} return steps. */
export interface Step<T = unknown> {
  /** Milliseconds from the call until it settles. */
  readonly after: number;
  /** Returns the value or throws the error; undefined if the step never settles. */
  readonly settle: (() => T) | undefined;
}

/** Options of a step. */
export interface StepOptions {
  /** Delay in milliseconds from the call until it settles: from 0. Default 0, without a timer. */
  readonly after?: number | undefined;
}

/** Returns a step that resolves with `value`. */
export function succeed<T>(value: T, options?: StepOptions): Step<T> {
  return { after: readStep('succeed', options), settle: () => value };
}

/** Returns a step that rejects with `error`. Default: an `Error`. */
export function failWith(
  error: unknown = new Error('The scripted dependency failed'),
  options?: StepOptions,
): Step<never> {
  return {
    after: readStep('failWith', options),
    settle() {
      throw error;
    },
  };
}

/** Returns a step that hangs until the call is aborted. */
export function hang(): Step<never> {
  return { after: Number.POSITIVE_INFINITY, settle: undefined };
}

/** Returns a list that repeats a step `count` times. */
export function times<T>(count: number, step: Step<T>): Step<T>[] {
  if (!Number.isInteger(count) || count < 0)
    throw new RangeError(`times takes a whole number from 0, got ${shown(count)}`);
  return Array.from({ length: count }, () => step);
}

/** Call of a scripted dependency. */
export interface ScriptedCall {
  readonly arguments: readonly unknown[];
  /** Outcome of the call so far. */
  readonly outcome: 'running' | 'succeeded' | 'failed' | 'aborted';
}

/** Function that answers each call with the next step of a script. */
export interface ScriptedDependency<T> {
  /**
   * Takes the next step. Pass the function to `execute()`, or call it inside. The first argument may have a `signal`, as the
   * context of a call has. Its abort rejects a waiting step with the signal's reason.
   */
  (...args: unknown[]): Promise<T>;
  /** Calls so far, in order. */
  readonly calls: readonly ScriptedCall[];
  /** Number of steps that no call has taken yet. */
  readonly remaining: number;
}

/** Options of a scripted dependency. */
export interface ScriptedOptions {
  /**
   * Behaviour of calls after the last step: `'throw'` rejects them, `'repeat'` repeats the last step, and `'cycle'` starts
   * the script again. Default `'throw'`.
   */
  readonly afterwards?: 'throw' | 'repeat' | 'cycle' | undefined;
  /** Clock whose timers drive the delays, such as that of {@link manualClock}. Default: the timers of the runtime. */
  readonly clock?: Clock | undefined;
}

/**
 * Returns a dependency that answers each call with the next step of a script. Delays use the option `clock`, or
 * `setTimeout`, so that fake timers work.
 *
 * @throws {TypeError} if the script is empty, or contains anything but steps.
 * @throws {OptionsError} with every invalid option.
 */
export function scripted<T>(script: readonly (Step<T> | readonly Step<T>[])[], options?: ScriptedOptions) {
  const steps = (Array.isArray(script) ? script.flat() : []) as Step<T>[];
  if (steps.length === 0 || !steps.every(isStep)) {
    throw new TypeError(
      'scripted takes a list of at least one step, as succeed(), failWith(), hang() and times() return them',
    );
  }
  const { afterwards, clock } = readScriptedOptions(options);
  const calls: RunningCall[] = [];
  const run = (...args: unknown[]): Promise<T> => {
    const call: RunningCall = { arguments: args, outcome: 'running' };
    const step = stepAt(steps, calls.push(call) - 1, afterwards);
    return takeStep(step, call, args[0], clock);
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
    return failWith(new Error(`The script has ${steps.length} steps, and this is call ${index + 1}`));
  }
  return steps[afterwards === 'cycle' ? index % steps.length : Math.min(index, last)] as Step<T>;
}

async function takeStep<T>(
  { after, settle }: Step<T>,
  call: RunningCall,
  context: unknown,
  clock: Clock | undefined,
): Promise<T> {
  if (after > 0) {
    try {
      await wait(settle && after, signalOf(context), clock);
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

function isStep(value: unknown): boolean {
  const { after, settle } = (value ?? {}) as Partial<Step>;
  return typeof after === 'number' && (settle === undefined || typeof settle === 'function');
}

function readStep(kind: string, options: StepOptions | undefined): number {
  const reader = readOptions('Step', kind, options ?? {});
  const after = reader.milliseconds('after', 0);
  reader.finish();
  return after ?? 0;
}

function readScriptedOptions(options: ScriptedOptions | undefined) {
  const reader = readOptions('Scripted dependency', 'scripted', options ?? {});
  const afterwards = reader.oneOf('afterwards', ['throw', 'repeat', 'cycle']);
  const clock = reader.callable('clock') as Clock | undefined;
  reader.finish();
  return { afterwards: afterwards ?? 'throw', clock } as const;
}
