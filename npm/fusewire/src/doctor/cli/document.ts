import { UsageError } from './usage-error.ts';

/** Contents of a configuration file. */
export interface Document {
  readonly breakers?: PlainObject | undefined;
  readonly pipelines?: PlainObject | undefined;
  readonly facts?: PlainObject | undefined;
  readonly environments?: PlainObject | undefined;
}

/** An object literal, a parsed JSON object, or the exports of a module. */
export type PlainObject = Readonly<Record<string, unknown>>;

const SECTIONS = ['breakers', 'pipelines', 'facts', 'environments'] as const;
const JSON_KEYS: ReadonlySet<string> = new Set([...SECTIONS, '$schema']);

/** Returns the document of a JSON file. Throws a UsageError if it has a key other than the sections and `$schema`. */
export function documentOfJson(file: string, value: unknown): Document {
  const document = documentOf(file, value);
  const unknownKey = Object.keys(value as object).find((key) => !JSON_KEYS.has(key));
  if (unknownKey !== undefined) throw new UsageError(`${file}: ${unknownKey} is none of ${SECTIONS.join(', ')}`);
  return document;
}

/** Returns the document of the exports of a module, without its other exports. */
export function documentOf(file: string, value: unknown): Document {
  if (!isPlainObject(value)) throw new UsageError(`${file}: must be an object with breakers by name`);
  const document: Partial<Record<(typeof SECTIONS)[number], PlainObject>> = {};
  for (const name of SECTIONS) {
    const section = value[name];
    if (section === undefined) continue;
    if (!isPlainObject(section)) throw new UsageError(`${file}: ${name} must be an object`);
    document[name] = section;
  }
  return document;
}

/** Whether a value is a plain object, and not an instance of a class. */
export function isPlainObject(value: unknown): value is PlainObject {
  if (Object.prototype.toString.call(value) === '[object Module]') return true;
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
