import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describeError } from '../../logging.ts';
import { DIAGNOSTICS_HOOK } from '../diagnostics-hook.ts';
import type { Configuration } from '../configuration.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { isBreakerOptionsError } from '../../errors.ts';
import { ALL_NAMES, readFacts } from '../facts.ts';
import { Recorder } from '../recorder.ts';
import { toDiagnostics } from '../rule.ts';
import { unusedFacts } from '../rules.ts';
import { documentOf, documentOfJson, isPlainObject } from './document.ts';
import type { Document, PlainObject } from './document.ts';
import { instantiate, optionDiagnostics } from './instantiate.ts';
import { UsageError } from './usage-error.ts';

/** Result of loading configuration files. */
export interface Loaded {
  readonly configuration: Configuration;
  /** Diagnostics of the files themselves: invalid options, and facts without a breaker or pipeline. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Result of loading no file. */
export const EMPTY: Loaded = { configuration: { breakers: [], pipelines: [] }, diagnostics: [] };

const DEFAULT_FILES = ['mjs', 'js', 'cjs', 'mts', 'ts', 'cts', 'json'].map((ending) => `fusewire.config.${ending}`);

/** Loads files, and records every breaker and pipeline that they create or declare. */
export async function load(files: readonly string[]): Promise<Loaded> {
  const recorder = new Recorder();
  Object.defineProperty(globalThis, DIAGNOSTICS_HOOK, { value: recorder, configurable: true });
  const diagnostics: Diagnostic[] = [];
  const facts: Record<string, unknown> = {};
  const filesToLoad = files.length > 0 ? files : [defaultFile()];
  for (const file of filesToLoad) {
    const document = await read(file, diagnostics);
    diagnostics.push(...instantiate(file, document, filesToLoad.length === 1));
    Object.assign(facts, document.facts);
  }
  const configuration = recorder.configuration(factsByName(facts));
  const names = new Set([...configuration.breakers, ...configuration.pipelines].map(({ name }) => name));
  if (names.size === 0 && diagnostics.length === 0) {
    throw new UsageError('nothing to check: the files create neither a breaker nor a pipeline');
  }
  for (const name of Object.keys(facts)) {
    if (name === ALL_NAMES || names.has(name)) continue;
    diagnostics.push(
      ...toDiagnostics(unusedFacts, `Facts of ${name}`, 'there is no breaker and no pipeline of this name'),
    );
  }
  return { configuration, diagnostics };
}

function defaultFile(): string {
  const file = DEFAULT_FILES.find((name) => existsSync(name));
  if (file !== undefined) return file;
  throw new UsageError('no file to check: pass one, or add fusewire.config.mjs to this folder; see --help');
}

async function read(file: string, diagnostics: Diagnostic[]): Promise<Document> {
  if (!existsSync(file)) throw new UsageError(`${file}: there is no such file`);
  if (file.endsWith('.json')) return documentOfJson(file, parseJson(file));
  const exported = await importModule(file, diagnostics);
  return documentOf(file, { ...exported, ...(isPlainObject(exported['default']) ? exported['default'] : {}) });
}

function parseJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`${file}: ${describeError(error)}`);
  }
}

/** Imports a module. If it fails because of invalid options, adds them to the diagnostics and returns no exports. */
async function importModule(file: string, diagnostics: Diagnostic[]): Promise<PlainObject> {
  try {
    return (await import(pathToFileURL(resolve(file)).href)) as PlainObject;
  } catch (error) {
    const invalid = optionDiagnostics(file, error);
    if (invalid === undefined) throw new UsageError(`${file} cannot be loaded: ${describeError(error)}`);
    diagnostics.push(...invalid);
    return {};
  }
}

function factsByName(facts: PlainObject): ReturnType<typeof readFacts> {
  try {
    return readFacts(facts);
  } catch (error) {
    if (!isBreakerOptionsError(error)) throw error;
    throw new UsageError(error.message);
  }
}
