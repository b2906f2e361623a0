import { readOptions } from 'fusewire/kit';
import { PathPattern } from './names.ts';

/** Options of redaction. */
export interface RedactionOptions {
  /** Values to replace wherever they occur, each of at least 6 characters: also in base64 and as a part of a URL. */
  readonly secrets?: readonly string[] | undefined;
  /** Further names of fields whose values are secrets. Case and separators are ignored: `'tax-id'` is also `taxId`. */
  readonly keys?: readonly string[] | undefined;
  /** Paths of fields whose values are secrets, such as `'customer.address'`. A `*` stands for any one key. */
  readonly paths?: readonly string[] | undefined;
  /** Most characters of a text: 16 to 1 000 000. Default 1 000. */
  readonly longestText?: number | undefined;
  /** Most characters of a stack: 16 to 1 000 000. Default 10 000. */
  readonly longestStack?: number | undefined;
  /** Most values of an object, those in inner objects included: 1 to 100 000. Default 1 000. */
  readonly mostValues?: number | undefined;
}

/** Validated options of redaction. */
export interface RedactionSettings {
  /** Known secrets in each form, the longest first. */
  readonly secrets: readonly string[];
  /** Names in lower case, without separators. */
  readonly keys: ReadonlySet<string>;
  readonly paths: readonly PathPattern[];
  readonly longestText: number;
  readonly longestStack: number;
  readonly mostValues: number;
}

const SHORTEST_SECRET = 6;
const LONGEST = 1_000_000;
const LENGTH = `a whole number from 16 to ${LONGEST}`;

/** Reads the options of redaction. */
export function readRedactionOptions(options: RedactionOptions | undefined): RedactionSettings {
  const reader = readOptions('Redaction', 'options', options ?? {});
  const texts = (option: string, shortest: number): readonly string[] => {
    const value = reader.value(option);
    if (value === undefined) return [];
    if (Array.isArray(value) && value.every((text) => typeof text === 'string' && text.length >= shortest)) {
      return value as string[];
    }
    reader.report(option, 'range', `a list of texts of at least ${shortest} character${shortest === 1 ? '' : 's'}`);
    return [];
  };
  const settings = {
    secrets: texts('secrets', SHORTEST_SECRET)
      .flatMap(formsOf)
      .sort((one, other) => other.length - one.length),
    keys: new Set(texts('keys', 1).map(plainName)),
    paths: texts('paths', 1).map((path) => new PathPattern(path)),
    longestText: reader.number('longestText', 16, LONGEST, LENGTH, true) ?? 1_000,
    longestStack: reader.number('longestStack', 16, LONGEST, LENGTH, true) ?? 10_000,
    mostValues: reader.number('mostValues', 1, 100_000, 'a whole number from 1 to 100 000', true) ?? 1_000,
  };
  reader.finish();
  return settings;
}

/** Returns a name in lower case, without separators. */
export function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/** Returns the forms in which a secret occurs: as it is, in JSON, in a URL, and in base64. */
function formsOf(secret: string): readonly string[] {
  const bytes = new TextEncoder().encode(secret);
  const forms = [secret, JSON.stringify(secret).slice(1, -1), encodedForUrl(secret)];
  return [...new Set([...forms, ...base64Forms(bytes)])];
}

function encodedForUrl(secret: string): string {
  try {
    return encodeURIComponent(secret);
  } catch {
    return secret;
  }
}

/** Returns what base64 makes of bytes wherever they begin in a text, without the characters that their neighbours share. */
function base64Forms(bytes: Uint8Array): readonly string[] {
  return [0, 1, 2].map((before) => {
    const padded = new Uint8Array(before + bytes.length);
    padded.set(bytes, before);
    const text = btoa(String.fromCharCode(...padded));
    const own = text.slice(before === 0 ? 0 : before + 1, Math.floor((padded.length * 4) / 3));
    return own;
  });
}
