import { loadWarnings } from '#platform';
import type { Circuit } from '../breaker/circuit.ts';
import { readExplanation } from '../breaker/explanation.ts';
import type { Explanation } from '../breaker/explanation.ts';
import type { Layer } from '../run/layer.ts';
import { watchCalls } from '../run/call-watch.ts';
import type { CallWatch } from '../run/call-watch.ts';
import { reportFault } from '../logging.ts';

/** Receives every breaker and pipeline at construction. Installed by `fusewire doctor` and by the development warnings. */
export interface DiagnosticsHook {
  /** @param options the options as the program passed them. */
  onBreaker(breaker: CreatedBreaker, options: unknown): void;
  /** @param breakerOptions options from which the pipeline has created its breaker, if it has. */
  onPipeline(name: string, layers: readonly Layer[], breakerOptions: unknown): void;
  /** Watch of every call, if the hook has one. */
  readonly watch?: CallWatch;
}

/** A breaker that was just created. */
export interface CreatedBreaker {
  /** The circuit, by which pipelines refer to the breaker. */
  readonly circuit: object;
  readonly name: string;
  /** Limit for the duration of a call, in milliseconds; undefined if there is none. */
  readonly timeout: number | undefined;
  explain(): Explanation;
}

/** Global property with the hook of the doctor. All copies of this package that a program loads read the same one. */
export const DIAGNOSTICS_HOOK: unique symbol = Symbol.for('fusewire.diagnostics');

const doctor = (globalThis as { readonly [DIAGNOSTICS_HOOK]?: DiagnosticsHook })[DIAGNOSTICS_HOOK];
const isEnabled = doctor !== undefined || (loadWarnings !== undefined && isDevelopment());
let hook = doctor;

/** Passes a new breaker to the hook, if one is installed. */
export function reportNewBreaker(circuit: Circuit, options: unknown): void {
  if (!isEnabled) return;
  const { name, timeout } = circuit;
  callHook((to) => to.onBreaker({ circuit, name, timeout, explain: () => readExplanation(circuit) }, options));
}

/** Passes a new pipeline to the hook, if one is installed. */
export function reportNewPipeline(name: string, layers: readonly Layer[], breakerOptions: unknown): void {
  if (isEnabled) callHook((to) => to.onPipeline(name, layers, breakerOptions));
}

function callHook(call: (hook: DiagnosticsHook) => void): void {
  try {
    hook ??= loadWarnings?.();
    if (hook === undefined) return;
    watchCalls(hook.watch);
    call(hook);
  } catch (error) {
    // A diagnosis that fails must not fail the program.
    reportFault(undefined, 'fusewire: the diagnosis failed', error);
  }
}

function isDevelopment(): boolean {
  try {
    return typeof process === 'object' && process.env?.['NODE_ENV'] === 'development';
  } catch {
    // Deno denies the variable unless the user has allowed it.
    return false;
  }
}
