import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe } from '../../logging.ts';
import { WITNESS } from '../diagnostics-hook.ts';
import type { Configuration } from '../case.ts';
import { isBreakerOptionsError } from '../../errors.ts';
import { finding } from '../diagnose.ts';
import { EVERY, readFacts } from '../facts.ts';
import { Records } from '../records.ts';
import type { Finding } from '../rule.ts';
import { factsOfNobody } from '../rules.ts';
import { documentOf, documentOfJson, isNamed } from './document.ts';
import type { Document, Named } from './document.ts';
import { make, refusals } from './making.ts';
import { Misuse } from './misuse.ts';

/** What files make, and what is wrong with the files themselves. */
export interface Loaded {
  readonly configuration: Configuration;
  readonly findings: readonly Finding[];
}

/** What no files make. */
export const NOTHING: Loaded = { configuration: { breakers: [], pipelines: [] }, findings: [] };

const DEFAULT_FILES = ['mjs', 'js', 'cjs', 'mts', 'ts', 'cts', 'json'].map((ending) => `fusewire.config.${ending}`);

/** Loads files, and writes down every breaker and pipeline that comes of it. */
export async function load(files: readonly string[]): Promise<Loaded> {
  const records = new Records();
  Object.defineProperty(globalThis, WITNESS, { value: records, configurable: true });
  const refused: Finding[] = [];
  const facts: Record<string, unknown> = {};
  const wanted = files.length > 0 ? files : defaultFile();
  for (const file of wanted) {
    const document = await read(file, refused);
    refused.push(...make(file, document, wanted.length === 1));
    Object.assign(facts, document.facts);
  }
  const configuration = records.configuration(factsFrom(facts));
  const names = new Set([...configuration.breakers, ...configuration.pipelines].map(({ name }) => name));
  if (names.size === 0 && refused.length === 0) {
    throw new Misuse('there is nothing to look at: neither a breaker nor a pipeline is made when the files are loaded');
  }
  const unused = Object.keys(facts).filter((name) => name !== EVERY && !names.has(name));
  const ofNobody = unused.flatMap((name) =>
    finding(factsOfNobody, `Facts of ${name}`, 'there is no breaker and no pipeline of this name'),
  );
  return { configuration, findings: [...refused, ...ofNobody] };
}

function defaultFile(): readonly string[] {
  const file = DEFAULT_FILES.find((name) => existsSync(name));
  if (file === undefined)
    throw new Misuse('there is no file to look at, and no fusewire.config.mjs or the like; see --help');
  return [file];
}

async function read(file: string, refused: Finding[]): Promise<Document> {
  if (!existsSync(file)) throw new Misuse(`${file}: there is no such file`);
  if (file.endsWith('.json')) return documentOfJson(file, parse(file));
  const exported = await importModule(file, refused);
  return documentOf(file, { ...exported, ...(isNamed(exported['default']) ? exported['default'] : {}) });
}

function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Misuse(`${file}: ${describe(error)}`);
  }
}

/** A module that makes a breaker with options that are refused ends there: what is wrong with them is what there is to say. */
async function importModule(file: string, refused: Finding[]): Promise<Named> {
  try {
    return (await import(pathToFileURL(resolve(file)).href)) as Named;
  } catch (error) {
    const found = refusals(file, error);
    if (found === undefined) throw new Misuse(`${file} cannot be loaded: ${describe(error)}`);
    refused.push(...found);
    return {};
  }
}

function factsFrom(facts: Named): ReturnType<typeof readFacts> {
  try {
    return readFacts(facts);
  } catch (error) {
    if (!isBreakerOptionsError(error)) throw error;
    throw new Misuse(error.message);
  }
}
