import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describeError } from '../../logging.ts';
import { DIAGNOSTICS_HOOK } from '../diagnostics-hook.ts';
import type { Configuration } from '../configuration.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { OptionsError } from '../../errors/options-error.ts';
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

/**
 * Loads files, and records every breaker and pipeline that they create or declare.
 *
 * @param timeout milliseconds that the import of one module may take.
 */
export async function load(files: readonly string[], timeout: number): Promise<Loaded> {
  const recorder = new Recorder();
  Object.defineProperty(globalThis, DIAGNOSTICS_HOOK, { value: recorder, configurable: true });
  const diagnostics: Diagnostic[] = [];
  const facts: Record<string, unknown> = {};
  const filesToLoad = files.length > 0 ? files : [defaultFile()];
  for (const file of filesToLoad) {
    const document = await read(file, diagnostics, timeout);
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

async function read(file: string, diagnostics: Diagnostic[], timeout: number): Promise<Document> {
  if (!existsSync(file)) throw new UsageError(`${file}: there is no such file`);
  if (file.endsWith('.json')) return documentOfJson(file, parseJson(file));
  const exported = await importModule(file, diagnostics, timeout);
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
async function importModule(file: string, diagnostics: Diagnostic[], timeout: number): Promise<PlainObject> {
  const timer = new AbortController();
  try {
    const module: Promise<PlainObject> = import(pathToFileURL(resolve(file)).href);
    return await Promise.race([module, rejectAfter(timeout, file, timer.signal)]);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const invalid = optionDiagnostics(file, error);
    if (invalid === undefined) throw new UsageError(`${file} cannot be loaded: ${describeError(error)}`);
    diagnostics.push(...invalid);
    return {};
  } finally {
    timer.abort();
  }
}

/** Rejects after the timeout, unless the signal aborts before. The timer does not keep the process alive. */
function rejectAfter(timeout: number, file: string, signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const expire = () => {
      reject(
        new UsageError(
          `${file} cannot be loaded: it, or a module that it imports, still awaits a promise at its top level after ` +
            `${timeout} ms; export what needs no waiting from a module of its own, or allow more with --timeout`,
        ),
      );
    };
    const timer = setTimeout(expire, timeout).unref();
    signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  });
}

function factsByName(facts: PlainObject): ReturnType<typeof readFacts> {
  try {
    return readFacts(facts);
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    throw new UsageError(error.message);
  }
}
