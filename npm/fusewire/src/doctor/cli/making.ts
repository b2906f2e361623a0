import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import type * as Fusewire from '../../index.ts';
import { isBreakerOptionsError } from '../../errors.ts';
import { finding } from '../diagnose.ts';
import type { Finding } from '../rule.ts';
import { optionsRefused } from '../rules.ts';
import { isNamed } from './document.ts';
import type { Document, Named } from './document.ts';
import { Misuse } from './misuse.ts';

/** What is used of `@fusewire/profiles`. */
interface Profiles {
  defineBreakers(
    definitions: Named,
    options: { readonly environments: Named | undefined; readonly unknownVariables: 'refuse' | 'ignore' },
  ): Named;
}

/**
 * Has everything made that a document describes, for the witness to see. Returns what is refused: variables of breakers that
 * it does not have as well, if it is `alone` and they can be nobody else's.
 */
export function make(file: string, document: Document, alone: boolean): Finding[] {
  const { breakers = {}, pipelines = {}, environments } = document;
  const modules = createRequire(resolve(file));
  const refused: Finding[] = [];
  const made = attempt(file, refused, () => makeBreakers(file, modules, breakers, environments, refused, alone)) ?? {};
  for (const [name, parts] of Object.entries(pipelines)) {
    if (isMade(parts)) continue;
    if (!isNamed(parts)) throw new Misuse(`${file}: pipeline ${name} must be an object with its parts`);
    const { breaker } = parts;
    const isName = typeof breaker === 'string';
    if (isName && !Object.hasOwn(breakers, breaker)) {
      throw new Misuse(`${file}: the breaker of pipeline ${name} is ${breaker}, which is none of the breakers`);
    }
    // One that was refused has been told of.
    if (isName && made[breaker] === undefined) continue;
    const inner = isName ? made[breaker] : isNamed(breaker) ? { name, ...breaker } : breaker;
    const whole = { name, ...parts, breaker: inner } as Fusewire.PipelineParts;
    attempt(file, refused, () => fusewireOf(modules).pipeline(whole));
  }
  return refused;
}

/** What is wrong with options, as findings; undefined where it is another error. */
export function refusals(subject: string, error: unknown): Finding[] | undefined {
  if (isBreakerOptionsError(error)) return finding(optionsRefused, subject, error.message);
  const { code, problems } = (error ?? {}) as { readonly code?: unknown; readonly problems?: readonly Named[] };
  if (code !== 'ECONFIGURATION' || !Array.isArray(problems)) return undefined;
  return problems.flatMap((problem: Named) => finding(optionsRefused, subject, String(problem['message'])));
}

function makeBreakers(
  file: string,
  modules: NodeJS.Require,
  breakers: Named,
  environments: Named | undefined,
  refused: Finding[],
  alone: boolean,
): Named {
  const definitions = Object.fromEntries(Object.entries(breakers).filter(([, value]) => !isMade(value)));
  const { length } = Object.keys(definitions);
  if (length === 0) return breakers;
  const isPlain = environments === undefined && Object.values(definitions).every(isOptions);
  const profiles = find(modules, '@fusewire/profiles') as Profiles | undefined;
  if (profiles !== undefined) {
    const unknownVariables = alone && length === Object.keys(breakers).length ? 'refuse' : 'ignore';
    return { ...breakers, ...profiles.defineBreakers(definitions, { environments, unknownVariables }) };
  }
  if (!isPlain)
    throw new Misuse(`${file}: presets and environments are read by @fusewire/profiles, which is not installed`);
  const { CircuitBreaker } = fusewireOf(modules);
  const made = Object.entries(definitions).map(([name, options]): [string, unknown] => [
    name,
    attempt(file, refused, () => new CircuitBreaker({ ...(options as Named), name })),
  ]);
  return { ...breakers, ...Object.fromEntries(made) };
}

function attempt<T>(subject: string, refused: Finding[], work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    const found = refusals(subject, error);
    if (found === undefined) throw error;
    refused.push(...found);
    return undefined;
  }
}

/** Options and nothing that stands for them. */
function isOptions(value: unknown): boolean {
  return isNamed(value) && value['preset'] === undefined && value['environments'] === undefined;
}

function isMade(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !isNamed(value);
}

/** The copy that the program has, or else this one. */
function fusewireOf(modules: NodeJS.Require): typeof Fusewire {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return (find(modules, 'fusewire') ?? require('./node.cjs')) as typeof Fusewire;
}

function find(modules: NodeJS.Require, name: string): unknown {
  try {
    return modules(name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
