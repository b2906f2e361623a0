import type { Json } from '../json.ts';
import { isCounterName, isSecretName } from './names.ts';
import { plainName } from './options.ts';
import type { RedactionSettings } from './options.ts';
import { REDACTED } from './text.ts';

const DEEPEST = 10;
const UNREADABLE = '[unreadable]';
const CUT = '…';

/** Copies values as JSON, without secrets. A copy survives whatever an object does when it is read. */
export class Copier {
  readonly #settings: RedactionSettings;
  readonly #text: (text: string, longest: number) => string;
  readonly #path: string[] = [];
  readonly #parents: object[] = [];
  #left: number;

  constructor(settings: RedactionSettings, text: (text: string, longest: number) => string) {
    this.#settings = settings;
    this.#text = text;
    this.#left = settings.mostValues;
  }

  copy(value: unknown): Json {
    if (this.#left-- <= 0) return CUT;
    switch (typeof value) {
      case 'string':
        return this.#text(value, this.#settings.longestText);
      case 'number':
        return this.#number(value);
      case 'boolean':
        return value;
      case 'bigint':
        return this.#text(String(value), this.#settings.longestText);
      case 'symbol':
        return this.#text(String(value), this.#settings.longestText);
      case 'function':
        return '[function]';
      case 'undefined':
        return null;
      default:
        return value === null ? null : this.#guarded(value as object);
    }
  }

  /** A card or a phone number may be a number. */
  #number(value: number): Json {
    if (!Number.isFinite(value)) return String(value);
    if (Math.abs(value) < 1e8) return value;
    const text = String(value);
    const clean = this.#text(text, this.#settings.longestText);
    return clean === text ? value : clean;
  }

  #guarded(value: object): Json {
    if (this.#parents.includes(value)) return '[circular]';
    if (this.#parents.length >= DEEPEST) return CUT;
    this.#parents.push(value);
    try {
      return this.#object(value);
    } catch {
      return UNREADABLE;
    } finally {
      this.#parents.pop();
    }
  }

  #object(value: object): Json {
    if (Array.isArray(value)) return this.#list(value);
    if (value instanceof Error || String(Object.prototype.toString.call(value)) === '[object Error]') {
      return this.#error(value as Error);
    }
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
    if (value instanceof Promise) return '[promise]';
    if (value instanceof RegExp) return this.copy(String(value));
    if (value instanceof Map || isHeaders(value)) return this.#entries(value as Iterable<readonly [unknown, unknown]>);
    if (value instanceof Set) return this.#items(value);
    const toJSON = read(value, 'toJSON');
    // A URL, a date, a decimal: what it is in JSON, even if it is an object.
    if (typeof toJSON === 'function') return this.copy((toJSON as () => unknown).call(value));
    return this.#fields(value, Object.keys(value));
  }

  #list(list: readonly unknown[]): Json {
    const { length } = list;
    const items: Json[] = [];
    for (let index = 0; index < length; index++) {
      if (this.#left <= 0) {
        items.push(`${CUT} ${length - index} more`);
        break;
      }
      items.push(this.#field(list, String(index)));
    }
    return items;
  }

  #items(values: Iterable<unknown>): Json {
    const items: Json[] = [];
    for (const value of values) {
      items.push(this.copy(value));
      if (this.#left <= 0) break;
    }
    return items;
  }

  #entries(entries: Iterable<readonly [unknown, unknown]>): Json {
    const fields: [string, Json][] = [];
    for (const [key, value] of entries) {
      const name = typeof key === 'string' ? key : String(this.copy(key));
      fields.push([this.#name(name), this.#value(name, value)]);
      if (this.#left <= 0) break;
    }
    return Object.fromEntries(fields);
  }

  #fields(value: object, names: readonly string[]): { [name: string]: Json } {
    const fields: [string, Json][] = [];
    for (const name of names) {
      if (this.#left <= 0) {
        fields.push([CUT, `${names.length - fields.length} more`]);
        break;
      }
      fields.push([this.#name(name), this.#field(value, name)]);
    }
    // An own field, also if its name is `__proto__`.
    return Object.fromEntries(fields);
  }

  #error(error: Error): Json {
    const fields: Record<string, Json> = { name: this.#part(error, 'name'), message: this.#part(error, 'message') };
    const stack = read(error, 'stack');
    for (const [name, copy] of Object.entries(this.#fields(error, Object.keys(error)))) fields[name] ??= copy;
    for (const name of ['cause', 'errors']) if (Object.hasOwn(error, name)) fields[name] ??= this.#field(error, name);
    if (typeof stack === 'string') fields['stack'] = this.#text(stack, this.#settings.longestStack);
    return fields;
  }

  /** Returns the name or the message of an error, which may be inherited. */
  #part(error: Error, name: string): Json {
    const value = read(error, name);
    return typeof value === 'string' ? this.#text(value, this.#settings.longestText) : UNREADABLE;
  }

  /** Returns the copy of a field. Getters of a program are not called: they may do anything. */
  #field(value: object, name: string): Json {
    try {
      const property = Object.getOwnPropertyDescriptor(value, name);
      if (property !== undefined && 'value' in property) return this.#value(name, property.value);
      this.#left--;
      return property === undefined ? null : '[getter]';
    } catch {
      this.#left--;
      return UNREADABLE;
    }
  }

  #value(name: string, value: unknown): Json {
    this.#path.push(name);
    try {
      if (!this.#isSecret(name, value)) return this.copy(value);
      this.#left--;
      return REDACTED;
    } finally {
      this.#path.pop();
    }
  }

  #isSecret(name: string, value: unknown): boolean {
    if (value === undefined || value === null || typeof value === 'boolean' || value === '') return false;
    if (this.#settings.paths.some((path) => path.matches(this.#path))) return true;
    if (this.#settings.keys.has(plainName(name))) return true;
    return isSecretName(name) && !(typeof value === 'number' && isCounterName(name));
  }

  #name(name: string): string {
    return this.#text(name, LONGEST_NAME);
  }
}

const LONGEST_NAME = 200;

function read(value: object, name: string): unknown {
  try {
    return (value as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}

/** Whether a value is a list of headers or parameters, by its methods: there are several implementations. */
function isHeaders(value: object): boolean {
  const { entries, getAll, getSetCookie } = value as Record<string, unknown>;
  return typeof entries === 'function' && (typeof getSetCookie === 'function' || typeof getAll === 'function');
}
