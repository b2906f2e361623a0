import { CallTimeoutError } from '../errors/call-timeout-error.ts';
import { createError } from '../errors/stacks.ts';

/** Name, code and message of an error, for people and logs. */
export interface ErrorSummary {
  readonly name: string;
  /** Code of the error, or null. */
  readonly code: string | number | null;
  /** Message in one line, without the credentials and the query of an address, and without tokens. */
  readonly message: string;
}

const LONGEST_MESSAGE = 1_000;
const LONGEST_FIELD = 200;
/** Number of errors of a chain of causes that are kept. */
const MAX_CAUSES = 4;

/** Fields of an error that are kept if they are primitives. Others may contain requests, responses or credentials. */
interface Fields {
  readonly code: unknown;
  readonly errno: unknown;
  readonly syscall: unknown;
  readonly status: unknown;
  readonly statusCode: unknown;
  readonly reason: unknown;
  readonly retryAfter: unknown;
  readonly timeout: unknown;
  readonly breaker: unknown;
  readonly policy: unknown;
  readonly isAxiosError: unknown;
}

/** Classes whose errors have no fields but those set on them. */
const PLAIN_CLASSES: ReadonlySet<unknown> = new Set([Error, TypeError, RangeError].map(({ prototype }) => prototype));

/** Name, message and a few fields of an error. It keeps neither the error alive nor what the error refers to. */
class ErrorCopy {
  readonly prototype: unknown;
  readonly name: string;
  readonly message: string;
  readonly fields: Fields;
  readonly cause: unknown;

  constructor(error: object, depth: number) {
    const source = error as Partial<Fields> & { name?: unknown; message?: unknown; cause?: unknown };
    this.prototype = error instanceof Error ? Object.getPrototypeOf(error) : Error.prototype;
    this.name = typeof source.name === 'string' ? shorten(source.name, LONGEST_FIELD) : 'Error';
    this.message = typeof source.message === 'string' ? shorten(source.message, LONGEST_MESSAGE) : 'not an Error';
    this.fields = fieldsOf(source);
    const { cause } = source;
    this.cause = cause === undefined || depth >= MAX_CAUSES ? undefined : summarize(cause, depth + 1);
  }
}

/** Whether an error is nothing but a short message: it is kept as it is, because a summary would cost each failed call more. */
function isPlain(error: object): boolean {
  if (!PLAIN_CLASSES.has(Object.getPrototypeOf(error))) return false;
  for (const _ in error) return false;
  const { message, cause } = error as Error;
  return cause === undefined && typeof message === 'string' && message.length <= LONGEST_MESSAGE;
}

function fieldsOf(source: Partial<Fields>): Fields {
  return {
    code: primitive(source.code),
    errno: primitive(source.errno),
    syscall: primitive(source.syscall),
    status: primitive(source.status),
    statusCode: primitive(source.statusCode),
    reason: primitive(source.reason),
    retryAfter: primitive(source.retryAfter),
    timeout: primitive(source.timeout),
    breaker: primitive(source.breaker),
    policy: primitive(source.policy),
    isAxiosError: primitive(source.isAxiosError),
  };
}

/** Whether an error is a timeout of this copy of the package, which says nothing but that. */
function isBareTimeout(error: object): boolean {
  return Object.getPrototypeOf(error) === CallTimeoutError.prototype && (error as CallTimeoutError).cause === undefined;
}

/**
 * Returns what a breaker keeps of an error. It keeps a primitive, an error with nothing but a message, or a timeout of this
 * package itself. Of anything else it keeps a summary. Of an error that cannot be read nothing is kept but that.
 */
export function summarizeError(error: unknown): unknown {
  return summarize(error, 1);
}

function summarize(error: unknown, depth: number): unknown {
  if (typeof error === 'string') return shorten(error, LONGEST_MESSAGE);
  if ((typeof error !== 'object' || error === null) && typeof error !== 'function') return error;
  try {
    if (isPlain(error) || isBareTimeout(error)) return error;
    return new ErrorCopy(error, depth);
  } catch {
    return new ErrorCopy(new Error('an error that cannot be read'), depth);
  }
}

/** Returns a kept error as users see it: an error of the same class, without a stack. */
export function restoreError(kept: unknown): unknown {
  if (!(kept instanceof ErrorCopy)) return kept;
  const { prototype, name, message, fields, cause } = kept;
  const error = createError(false, Error, message);
  const define = (property: string, value: unknown, enumerable: boolean) =>
    Object.defineProperty(error, property, { value, enumerable, writable: true, configurable: true });
  define('name', name, false);
  define('stack', `${name}: ${message}`, false);
  for (const [field, value] of Object.entries(fields)) if (value !== undefined) define(field, value, true);
  if (cause !== undefined) define('cause', restoreError(cause), false);
  return Object.setPrototypeOf(error, prototype as object);
}

function primitive(value: unknown): unknown {
  if (typeof value === 'string') return shorten(value, LONGEST_FIELD);
  return typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}

/** Returns the beginning of a string. A copy, because a slice would keep the whole string alive. */
function shorten(text: string, length: number): string {
  return text.length <= length ? text : `${Array.from(text.slice(0, length)).join('')}…`;
}

/** Returns the summary of a kept error. */
export function describeKept(kept: unknown): ErrorSummary {
  try {
    const source: { name?: unknown; code?: unknown; fields?: Fields; message?: unknown } =
      typeof kept === 'object' && kept !== null ? kept : { message: String(kept) };
    const code = source.fields?.code ?? source.code;
    return {
      name: typeof source.name === 'string' ? source.name : 'Error',
      code: typeof code === 'string' || typeof code === 'number' ? code : null,
      message: cleanMessage(String(source.message)),
    };
  } catch {
    return { name: 'Error', code: null, message: 'an error that cannot be read' };
  }
}

const LONGEST_SUMMARY = 200;

/**
 * Parts of a message that may be secret: user and password, query of an address, tokens, keys, and values by their names; and
 * characters that break lines. `@fusewire/operations/redaction` knows many more shapes.
 */
const UNSAFE: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/:\/\/[^\s/@]*@/g, '://…@'],
  [/(\w:\/\/[^\s?#'"]*)\?[^\s'"]*/g, '$1?…'],
  [/\b(bearer|basic)\s+[\w.~+/=-]+/gi, '$1 …'],
  [/eyJ[\w.-]{17,}|\b(?:sk|pk|rk|gh[oprsu])[-_][\w-]{12,}|(?:AKIA|ASIA)[A-Z0-9]{12,}/g, '…'],
  [
    /((?:api[-_ ]?key|token|secret|passw(?:or)?d|passphrase|cookie)["']{0,2}\s{0,4}[:=]\s{0,4}["']?)[^\s"',;&]+/gi,
    '$1…',
  ],
  [/[\s\p{Cc}]+/gu, ' '],
];

function cleanMessage(message: string): string {
  const clean = UNSAFE.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), message);
  return shorten(clean, LONGEST_SUMMARY);
}
