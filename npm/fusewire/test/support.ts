import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, mock } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CircuitBreaker, EngineLoadError, OptionsError } from 'fusewire';
import type { BackendKind, BreakerEventName, CircuitBreakerOptions, CallResult, SuccessResult } from 'fusewire';

export const nativeProblem = problemOfNative();

/** Runs a suite on each backend. `backends.test.ts` asserts that the native build is not missing. */
export function onEachBackend(name: string, suite: (backend: BackendKind) => void): void {
  for (const backend of nativeProblem === undefined ? (['wasm', 'native'] as const) : (['wasm'] as const)) {
    describe(`${name} (${backend})`, () => suite(backend));
  }
}

/** Loads another copy of the package, as if it were installed twice. */
export function loadCopy(): typeof import('fusewire') {
  const require = createRequire(import.meta.url);
  return require(join(dirname(require.resolve('fusewire')), 'commonjs/index.cjs')) as typeof import('fusewire');
}

/** Clock that a test moves by hand. */
export class ManualClock {
  now = 1_000;
  readonly read = (): number => this.now;

  advance(milliseconds: number): void {
    this.now += milliseconds;
  }
}

/** Promise that a test settles by hand. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
  reject(error: unknown): void;
}

export function deferred<T = unknown>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

/** Creates a breaker that opens at the second failure, for one second of a manual clock. */
export function quickBreaker(
  backend: BackendKind,
  options: CircuitBreakerOptions = {},
): { breaker: CircuitBreaker; clock: ManualClock } {
  const clock = new ManualClock();
  const breaker = new CircuitBreaker({
    name: 'mpesa',
    backend,
    clock: clock.read,
    failureThreshold: 2,
    resetTimeout: 1_000,
    ...options,
  });
  return { breaker, clock };
}

/** Makes calls fail until the circuit is open. */
export async function open(breaker: CircuitBreaker, error: unknown = new Error('down')): Promise<void> {
  for (let attempt = 0; attempt < 100 && breaker.state !== 'OPEN'; attempt++) {
    await rejection(breaker.execute(() => Promise.reject(error)));
  }
  assert.equal(breaker.state, 'OPEN');
}

/** Returns the error that a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new assert.AssertionError({ message: 'the promise should reject' });
}

/** Returns the result of a call that has a value. */
export async function answered<T>(call: Promise<CallResult<T>>): Promise<SuccessResult<T>> {
  const result = await call;
  assert.ok(result.status === 'success', result.status);
  return result;
}

/** Returns the error that a function throws. */
export function thrown(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new assert.AssertionError({ message: 'the function should throw' });
}

/** Asserts that the function throws an options error that names exactly these options. */
export function assertProblems(run: () => unknown, options: readonly string[]): void {
  const error = thrown(run);
  assert.ok(error instanceof OptionsError, `${error}`);
  assert.deepEqual(error.problems.map(({ option }) => option).sort(), options);
}

/** Returns a list to which the names of emitted events are added, in order. */
export function record(breaker: CircuitBreaker, ...names: BreakerEventName[]): string[] {
  const seen: string[] = [];
  for (const name of names) breaker.on(name, () => seen.push(name));
  return seen;
}

/** Resolves after all pending microtasks have run. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Moves the mocked time in steps, so that what one timer starts can set another. */
export async function pass(milliseconds: number): Promise<void> {
  await turn();
  for (let passed = 0; passed < milliseconds; passed += 5) {
    mock.timers.tick(5);
    await turn();
  }
}

/** Runs a script that may import `fusewire` in its own process; returns its exit status and output. */
export function runScript(
  script: string,
  ...flags: string[]
): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, '--input-type=module', '--eval', script], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, stdout: stdout.trim(), stderr: stderr.trim() };
}

/** Path of the native addon in this checkout. */
export const ADDON = fileURLToPath(
  new URL(`../../../bindings/node/dist/fusewire.${platformName()}.node`, import.meta.url),
);

/** Start of a script with `count(backend)`, the number of breakers that the engine holds. */
export const COUNTING = `
  import { createRequire } from 'node:module';
  const engines = { native: createRequire(import.meta.url)(${JSON.stringify(ADDON)}) };
  WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
    construct(target, args) {
      const instance = Reflect.construct(target, args);
      engines.wasm = instance.exports;
      return instance;
    },
  });
  const { CircuitBreaker } = await import('fusewire');
  const count = (backend) => engines[backend]?.breakerCount() ?? 0;
  const turn = () => new Promise((resolve) => setImmediate(resolve));
`;

function platformName(): string {
  const base = `${process.platform}-${process.arch}`;
  if (process.platform === 'win32') return `${base}-msvc`;
  return process.platform === 'linux' ? `${base}-gnu` : base;
}

function problemOfNative(): string | undefined {
  try {
    new CircuitBreaker({ backend: 'native' }).dispose();
    return undefined;
  } catch (error) {
    if (error instanceof EngineLoadError) return error.message;
    throw error;
  }
}
