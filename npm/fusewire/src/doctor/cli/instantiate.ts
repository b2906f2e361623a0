import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import type * as Fusewire from '../../index.ts';
import { OptionsError } from '../../errors/options-error.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { toDiagnostics } from '../rule.ts';
import { invalidOptions } from '../rules.ts';
import { isPlainObject } from './document.ts';
import type { Document, PlainObject } from './document.ts';
import { UsageError } from './usage-error.ts';

/** The function of `@fusewire/profiles` that the doctor calls. */
interface Profiles {
  defineBreakers(
    definitions: PlainObject,
    options: { readonly environments: PlainObject | undefined; readonly unknownVariables: 'refuse' | 'ignore' },
  ): PlainObject;
}

/**
 * Creates the breakers and pipelines that a document declares, so that the diagnostics hook records them. Returns a
 * diagnostic for all options that are invalid.
 *
 * @param isOnlyFile whether no other file is loaded. Environment variables for unknown breakers are invalid then;
 * otherwise they may be meant for another file.
 */
export function instantiate(file: string, document: Document, isOnlyFile: boolean): Diagnostic[] {
  const { breakers = {}, pipelines = {}, environments } = document;
  const load = createRequire(resolve(file));
  const diagnostics: Diagnostic[] = [];
  const created =
    attempt(file, diagnostics, () => createBreakers(file, load, breakers, environments, diagnostics, isOnlyFile)) ?? {};
  for (const [name, policies] of Object.entries(pipelines)) {
    if (isInstance(policies)) continue;
    if (!isPlainObject(policies)) throw new UsageError(`${file}: pipeline ${name} must be an object with its policies`);
    const { breaker } = policies;
    const isName = typeof breaker === 'string';
    if (isName && !Object.hasOwn(breakers, breaker)) {
      throw new UsageError(`${file}: the breaker of pipeline ${name} is ${breaker}, which is none of the breakers`);
    }
    // Its breaker has invalid options, which are among the diagnostics already.
    if (isName && created[breaker] === undefined) continue;
    const inner = isName ? created[breaker] : isPlainObject(breaker) ? { name, ...breaker } : breaker;
    const options = { name, ...policies, breaker: inner } as Fusewire.PipelineParts;
    attempt(file, diagnostics, () => fusewireOf(load).pipeline(options));
  }
  return diagnostics;
}

/** Returns diagnostics for an error about invalid options, or undefined for any other error. */
export function optionDiagnostics(subject: string, error: unknown): Diagnostic[] | undefined {
  if (error instanceof OptionsError) return toDiagnostics(invalidOptions, subject, error.message);
  const { code, problems } = (error ?? {}) as { readonly code?: unknown; readonly problems?: readonly PlainObject[] };
  if (code !== 'ERR_CONFIGURATION' || !Array.isArray(problems)) return undefined;
  return problems.flatMap((problem: PlainObject) => toDiagnostics(invalidOptions, subject, String(problem['message'])));
}

/** Returns the breakers by name: those that are instances already, and those created from options or definitions. */
function createBreakers(
  file: string,
  load: NodeJS.Require,
  breakers: PlainObject,
  environments: PlainObject | undefined,
  diagnostics: Diagnostic[],
  isOnlyFile: boolean,
): PlainObject {
  const definitions = Object.fromEntries(Object.entries(breakers).filter(([, value]) => !isInstance(value)));
  const { length } = Object.keys(definitions);
  if (length === 0) return breakers;
  const profiles = tryLoad(load, '@fusewire/profiles') as Profiles | undefined;
  if (profiles !== undefined) {
    const unknownVariables = isOnlyFile && length === Object.keys(breakers).length ? 'refuse' : 'ignore';
    return { ...breakers, ...profiles.defineBreakers(definitions, { environments, unknownVariables }) };
  }
  if (environments !== undefined || !Object.values(definitions).every(isOptions)) {
    throw new UsageError(`${file}: presets and environments are read by @fusewire/profiles, which is not installed`);
  }
  const { CircuitBreaker } = fusewireOf(load);
  const created = Object.entries(definitions).map(([name, options]): [string, unknown] => [
    name,
    attempt(file, diagnostics, () => new CircuitBreaker({ ...(options as PlainObject), name })),
  ]);
  return { ...breakers, ...Object.fromEntries(created) };
}

/** Returns the result of `create`. If it throws for invalid options, adds them to the diagnostics instead. */
function attempt<T>(subject: string, diagnostics: Diagnostic[], create: () => T): T | undefined {
  try {
    return create();
  } catch (error) {
    const invalid = optionDiagnostics(subject, error);
    if (invalid === undefined) throw error;
    diagnostics.push(...invalid);
    return undefined;
  }
}

/** Whether a definition needs no `@fusewire/profiles`: it is an object of options without a preset or environments. */
function isOptions(value: unknown): boolean {
  return isPlainObject(value) && value['preset'] === undefined && value['environments'] === undefined;
}

/** Whether a module exports a breaker or pipeline that it has created itself. */
function isInstance(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !isPlainObject(value);
}

/** Returns the copy of fusewire that the checked program uses, or this one if it has none. */
function fusewireOf(load: NodeJS.Require): typeof Fusewire {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return (tryLoad(load, 'fusewire') ?? require('./node.cjs')) as typeof Fusewire;
}

function tryLoad(load: NodeJS.Require, name: string): unknown {
  try {
    return load(name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
