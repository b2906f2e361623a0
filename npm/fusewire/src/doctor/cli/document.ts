import { Misuse } from './misuse.ts';

/** What a file says beside what it makes. */
export interface Document {
  readonly breakers?: Named | undefined;
  readonly pipelines?: Named | undefined;
  readonly facts?: Named | undefined;
  readonly environments?: Named | undefined;
}

/** Things by name. */
export type Named = Readonly<Record<string, unknown>>;

const PARTS = ['breakers', 'pipelines', 'facts', 'environments'] as const;
const KNOWN: ReadonlySet<string> = new Set([...PARTS, '$schema']);

/** Reads a document out of JSON, in which nothing else stands but what editors look for. */
export function documentOfJson(file: string, given: unknown): Document {
  const document = documentOf(file, given);
  const other = Object.keys(given as object).find((key) => !KNOWN.has(key));
  if (other !== undefined) throw new Misuse(`${file}: ${other} is none of ${PARTS.join(', ')}`);
  return document;
}

/** Reads a document out of the exports of a module; what else they hold is passed over. */
export function documentOf(file: string, given: unknown): Document {
  if (!isNamed(given)) throw new Misuse(`${file}: must be an object with breakers by name`);
  const document: Partial<Record<(typeof PARTS)[number], Named>> = {};
  for (const part of PARTS) {
    const value = given[part];
    if (value === undefined) continue;
    if (!isNamed(value)) throw new Misuse(`${file}: ${part} must be an object`);
    document[part] = value;
  }
  return document;
}

/** Whether it is data, and not something that was made of it. */
export function isNamed(value: unknown): value is Named {
  if (Object.prototype.toString.call(value) === '[object Module]') return true;
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
