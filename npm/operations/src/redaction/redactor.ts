import type { Json } from '../json.ts';
import { Copier } from './copy.ts';
import { readRedactionOptions } from './options.ts';
import type { RedactionOptions, RedactionSettings } from './options.ts';
import { REDACTED, redactShapes } from './text.ts';

/** Characters of a text beyond which nothing is read, for each character that is kept. Replacements shorten a text. */
const READ_FACTOR = 4;
/** Characters that are read of any text. */
const LEAST_READ = 4_096;
/** Longest secret without a beginning by which its rest is recognized, such as an address or a card number. */
const LONGEST_PART = 160;
const LONGEST_KNOWN = 4_096;
const MOST_KNOWN = 500;

/** Replaces secrets in texts and values. It never throws, whatever a value does when it is read. */
export class Redactor {
  readonly #settings: RedactionSettings;
  /** Longest part of a secret that may be left at the end of what was read. */
  readonly #longestPart: number;
  /** Texts without secrets, which need no second look: names and stacks come again and again. */
  readonly #clean = new Set<string>();

  /** @throws {OptionsError} with every invalid option. */
  constructor(options?: RedactionOptions) {
    this.#settings = readRedactionOptions(options);
    this.#longestPart = Math.max(LONGEST_PART, this.#settings.secrets[0]?.length ?? 0);
  }

  /**
   * Returns a text without secrets.
   *
   * @param longest most characters of the result; the rest is cut. Default: no limit.
   */
  readonly text = (text: string, longest = Infinity): string => {
    const most = Math.max(LEAST_READ, longest * READ_FACTOR);
    if (!(text.length > most)) return cut(this.#all(text), longest);
    // The end of what was read may be the beginning of a secret that nobody recognizes.
    return cut(`${this.#all(text.slice(0, most)).slice(0, -this.#longestPart)}…`, longest);
  };

  /** Returns a copy of a value as JSON, without secrets. Errors are copied with their stacks. */
  value(value: unknown): Json {
    return new Copier(this.#settings, this.text).copy(value);
  }

  /**
   * Returns a value as JSON text without secrets: a string as it is.
   *
   * @param longest most characters of the result; the rest is cut. Default 1 000.
   */
  json(value: unknown, longest = 1_000): string {
    if (typeof value === 'string') return this.text(value, longest);
    const settings = { ...this.#settings, longestText: Math.min(this.#settings.longestText, longest) };
    return cut(JSON.stringify(new Copier(settings, this.text).copy(value)), longest);
  }

  #all(text: string): string {
    if (this.#clean.has(text)) return text;
    const { secrets } = this.#settings;
    const clean = redactShapes(secrets.reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text));
    if (clean === text && text.length <= LONGEST_KNOWN) {
      if (this.#clean.size >= MOST_KNOWN) this.#clean.clear();
      this.#clean.add(text);
    }
    return clean;
  }
}

function cut(text: string, longest: number): string {
  if (!(text.length > longest)) return text;
  const end = text.slice(0, longest - 1);
  // Half of a surrogate pair is no text.
  return `${/[\uD800-\uDBFF]$/.test(end) ? end.slice(0, -1) : end}…`;
}
