const NOT_SHOWN = '[secret]';

/** More values than this, at one character each, are cut off in any case. */
const MOST_VALUES = 1_000;
const DEEPEST = 10;

/** What the name of a field says that holds a secret, in small letters without anything between. */
const SECRET_NAME =
  /apikey|accesskey|privatekey|token|secret|passw|passphrase|authorization|cookie|credential|signature|cardnumber|^(?:auth|cvv|pin|pwd)$/;

/** Secrets that say in a text what they are. */
const SECRET_TEXTS: readonly (readonly [RegExp, string])[] = [
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, `$1 ${NOT_SHOWN}`],
  [/(:\/\/)[^/?#\s@]{1,400}@/g, `$1${NOT_SHOWN}@`],
  [
    /((?:api[-_]?key|token|secret|password|passwd|cookie)[\w-]{0,40}["']?\s{0,4}[=:]\s{0,4}["']?)[^\s"'&,;}]+/gi,
    `$1${NOT_SHOWN}`,
  ],
];

/** A text of so many characters at most, without secrets: those that are known, and those that say what they are. */
export function harmless(text: string, secrets: readonly string[], longest: number): string {
  const known = secrets.reduce((rest, secret) => rest.replaceAll(secret, NOT_SHOWN), text);
  // What the patterns make shorter is far less than this.
  const start = known.slice(0, 4 * longest);
  const clean = SECRET_TEXTS.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), start);
  return clean.length > longest ? `${clean.slice(0, longest - 1)}…` : clean;
}

/** Data as such a text. Of what is large only as much is looked at as the text can hold. */
export function harmlessData(data: unknown, secrets: readonly string[], longest: number): string {
  if (typeof data === 'string') return harmless(data, secrets, longest);
  try {
    const text = JSON.stringify(new Copier(secrets, longest).copy(data, 0)) as string | undefined;
    return harmless(text ?? String(data), secrets, longest);
  } catch {
    return '[data that cannot be read]';
  }
}

/** Copies what JSON can tell, without secrets, until there is enough. */
class Copier {
  readonly #secrets: readonly string[];
  readonly #longest: number;
  #left = MOST_VALUES;

  constructor(secrets: readonly string[], longest: number) {
    this.#secrets = secrets;
    this.#longest = longest;
  }

  copy(value: unknown, depth: number): unknown {
    if (this.#left-- <= 0 || depth > DEEPEST) return undefined;
    if (typeof value === 'bigint') return String(value);
    if (typeof value === 'string') return harmless(value, this.#secrets, this.#longest);
    if (typeof value !== 'object' || value === null) return value;
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON === 'function') return this.copy(toJSON.call(value), depth + 1);
    if (Array.isArray(value)) return value.slice(0, this.#left).map((item) => this.copy(item, depth + 1));
    return this.#copyFields(value as Record<string, unknown>, depth);
  }

  #copyFields(fields: Record<string, unknown>, depth: number): Record<string, unknown> {
    const names = Object.keys(fields).slice(0, this.#left);
    const copies = names.map((name) => {
      const isSecret = SECRET_NAME.test(name.toLowerCase().replaceAll(/[^a-z]/g, ''));
      return [name, isSecret ? NOT_SHOWN : this.copy(fields[name], depth + 1)] as const;
    });
    return Object.fromEntries(copies);
  }
}
