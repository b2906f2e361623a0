const REDACTED = '[secret]';

/** Largest number of values to copy: more would not fit into the longest text. */
const MOST_VALUES = 1_000;
const DEEPEST = 10;

/** Names of fields that hold a secret, in lower case and without separators. */
const SECRET_NAME =
  /apikey|accesskey|privatekey|token|secret|passw|passphrase|authorization|cookie|credential|signature|cardnumber|^(?:auth|cvv|pin|pwd)$/;

/** Patterns of secrets in a text. */
const SECRET_TEXTS: readonly (readonly [RegExp, string])[] = [
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, `$1 ${REDACTED}`],
  [/(:\/\/)[^/?#\s@]{1,400}@/g, `$1${REDACTED}@`],
  [
    /((?:api[-_]?key|token|secret|password|passwd|cookie)[\w-]{0,40}["']?\s{0,4}[=:]\s{0,4}["']?)[^\s"'&,;}]+/gi,
    `$1${REDACTED}`,
  ],
];

/** Returns at most `longest` characters of a text without secrets: the known ones, and those that match a pattern. */
export function redact(text: string, secrets: readonly string[], longest: number): string {
  const known = secrets.reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text);
  // Limits the work of the patterns: replacements do not shorten a text to a quarter.
  const start = known.slice(0, 4 * longest);
  const clean = SECRET_TEXTS.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), start);
  return clean.length > longest ? `${clean.slice(0, longest - 1)}…` : clean;
}

/** Returns data as JSON without secrets. Reads no more of large data than the text can hold. */
export function redactData(data: unknown, secrets: readonly string[], longest: number): string {
  if (typeof data === 'string') return redact(data, secrets, longest);
  try {
    const text = JSON.stringify(new Copier(secrets, longest).copy(data, 0)) as string | undefined;
    return redact(text ?? String(data), secrets, longest);
  } catch {
    return '[data that cannot be read]';
  }
}

/** Copies data for JSON, without secrets, up to {@link MOST_VALUES} values. */
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
    if (typeof value === 'string') return redact(value, this.#secrets, this.#longest);
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
      return [name, isSecret ? REDACTED : this.copy(fields[name], depth + 1)] as const;
    });
    return Object.fromEntries(copies);
  }
}
