import { suggestion } from 'fusewire/kit';
import { RequestProblem } from './problem.ts';
import type { FieldProblem } from './problem.ts';

interface FieldBase {
  readonly in: 'path' | 'query' | 'body';
  readonly description: string;
  readonly required?: true;
}

/** Field of a request. The table of the fields makes the check of a request, the OpenAPI document and the docs. */
export type Field = FieldBase &
  (
    | { readonly type: 'text'; readonly least?: number; readonly most: number }
    | { readonly type: 'integer'; readonly least: number; readonly most: number }
    | { readonly type: 'boolean' }
    | { readonly type: 'word'; readonly words: readonly string[] }
    | { readonly type: 'object' }
  );

/** Fields of a request by their names. */
export type Fields = Readonly<Record<string, Field>>;

/** Values of a request before they are checked. */
export interface RawInput {
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Values of a request by the names of their fields. Those that are not set are missing. */
export type Input = Readonly<Record<string, unknown>>;

/** Most problems that one response lists. */
const MOST_PROBLEMS = 20;

/**
 * Returns the values of the fields of a request.
 *
 * @throws {RequestProblem} with every problem.
 */
export function readInput(fields: Fields, raw: RawInput): Input {
  const problems: FieldProblem[] = [];
  const input: Record<string, unknown> = Object.create(null);
  const report = (field: string, message: string) => {
    if (problems.length < MOST_PROBLEMS) problems.push({ field, message });
  };
  for (const [name, field] of Object.entries(fields)) {
    const value = rawValue(name, field, raw);
    if (value === undefined) {
      if (field.required === true) report(name, `must be ${expected(field)}, and is required`);
    } else if (isValid(field, value)) input[name] = value;
    else report(name, `must be ${expected(field)}`);
  }
  for (const [place, given] of [
    ['query', raw.query.keys()],
    ['body', Object.keys(raw.body)],
  ] as const) {
    const known = Object.keys(fields).filter((name) => fields[name]?.in === place);
    for (const name of new Set(given)) {
      if (known.includes(name)) continue;
      report(shortened(name), `is not a field of the ${place}${suggestion(name, known)}`);
    }
    for (const name of known)
      if (place === 'query' && raw.query.getAll(name).length > 1) report(name, 'is given twice');
  }
  if (problems.length === 0) return input;
  const detail = problems.map(({ field, message }) => `${field} ${message}`).join('; ');
  throw new RequestProblem('invalid', detail, { problems });
}

/** Describes the accepted values of a field, as the end of a sentence. */
export function expected(field: Field): string {
  switch (field.type) {
    case 'text':
      return `text of ${field.least ?? 1} to ${field.most} characters without control characters`;
    case 'integer':
      return `a whole number from ${field.least} to ${field.most}`;
    case 'boolean':
      return 'true or false';
    case 'word':
      return field.words.map((word) => `'${word}'`).join(' or ');
    case 'object':
      return 'an object';
  }
}

/** Whether text is well-formed, of some length, and without control characters. */
export function isText(value: unknown, least: number, most: number): value is string {
  return (
    typeof value === 'string' &&
    value.length >= least &&
    value.length <= most &&
    !/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(value)
  );
}

function isValid(field: Field, value: unknown): boolean {
  switch (field.type) {
    case 'text':
      return isText(value, field.least ?? 1, field.most);
    case 'integer':
      return Number.isInteger(value) && (value as number) >= field.least && (value as number) <= field.most;
    case 'boolean':
      return typeof value === 'boolean';
    case 'word':
      return field.words.includes(value as string);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
  }
}

function rawValue(name: string, field: Field, { path, query, body }: RawInput): unknown {
  if (field.in === 'body') return Object.hasOwn(body, name) ? body[name] : undefined;
  const text = field.in === 'path' ? path[name] : (query.get(name) ?? undefined);
  if (text === undefined) return undefined;
  if (field.type === 'integer') return /^-?\d{1,16}$/.test(text) ? Number(text) : text;
  if (field.type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  return text;
}

/** Returns a name that a stranger has chosen, as far as a message may show it. */
function shortened(name: string): string {
  return isText(name, 1, 40) ? name : 'a name';
}
