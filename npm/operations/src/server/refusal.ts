import { isRejection } from 'fusewire';
import { CallTimeoutError } from 'fusewire/errors';
import { readOptions } from 'fusewire/kit';
import type { ProblemDocument } from '../management/problem.ts';

/** Options of {@link refusalsWith}. */
export interface RefusalOptions {
  /** Seconds that `Retry-After` says where the rejection does not know the time: 1 to 86 400. Default 10. */
  readonly retryAfter?: number | undefined;
  /** Whether the document names the breaker or the policy. Default false, because clients may be strangers. */
  readonly names?: boolean | undefined;
}

/** Problem document of a refusal, as RFC 9457 has it. */
export interface RefusalDocument extends ProblemDocument {
  /** Seconds after which the client may try again, as in `Retry-After`. Absent after a timeout. */
  readonly retryAfter?: number;
  /** Name of the breaker or the policy; only with the option `names`. */
  readonly policy?: string;
}

/** Response to a request whose call was rejected, or took too long. */
export interface Refusal {
  /** 503 for a rejection, 504 for a timeout. */
  readonly status: 503 | 504;
  /** Header fields, in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly document: RefusalDocument;
}

/** Most errors of a chain of causes that are looked at. */
const MOST_CAUSES = 8;
const MOST_SECONDS = 86_400;
const DEFAULT_SECONDS = 10;
const TYPE = 'urn:fusewire:problem:';
const HEADERS = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' } as const;

/** Function that returns the refusal of an error; undefined if the error is neither a rejection nor a timeout. */
export type RefusalOf = (error: unknown) => Refusal | undefined;

/**
 * Returns the response to a request that ended with an error: 503 with `Retry-After` in whole seconds if a breaker or a policy
 * rejected the call, 504 if it timed out, each with a problem document. Returns undefined for every other error.
 *
 * An error that wraps a rejection as its `cause` counts as one, unless it has a `status` or a `statusCode` of its own.
 */
export const refusalOf: RefusalOf = (error) => describe(error, { retryAfter: DEFAULT_SECONDS, names: false });

/**
 * Returns a function like {@link refusalOf}, with options.
 *
 * @throws {OptionsError} with every problem of the options.
 */
export function refusalsWith(options: RefusalOptions = {}): RefusalOf {
  const reader = readOptions('Refusals', 'refusals', options);
  const range = `a whole number of seconds from 1 to ${MOST_SECONDS}`;
  const retryAfter = reader.number('retryAfter', 1, MOST_SECONDS, range, true) ?? DEFAULT_SECONDS;
  const names = reader.boolean('names') ?? false;
  reader.finish();
  return (error) => describe(error, { retryAfter, names });
}

/** Returns a refusal as a `Response`. */
export function refusalResponse({ status, headers, document }: Refusal): Response {
  return new Response(JSON.stringify(document), { status, headers });
}

function describe(error: unknown, { retryAfter, names }: { retryAfter: number; names: boolean }): Refusal | undefined {
  const refusing = refusingError(error);
  if (refusing === undefined) return undefined;
  const policy = names ? { policy: refusing.policy } : {};
  if (!isRejection(refusing)) {
    const detail = 'A service that this one depends on has not answered in time';
    const document = {
      type: `${TYPE}dependency-timeout`,
      title: 'A service is too slow',
      status: 504,
      detail,
      ...policy,
    };
    return { status: 504, headers: HEADERS, document };
  }
  const seconds = refusing.retryAfter === null ? retryAfter : Math.min(refusing.retryAfterSeconds, MOST_SECONDS);
  const detail = 'A service that this one depends on cannot be called now';
  const type = `${TYPE}unavailable`;
  const document = { type, title: 'A service is not available', status: 503, detail, retryAfter: seconds, ...policy };
  return { status: 503, headers: { ...HEADERS, 'retry-after': String(seconds) }, document };
}

interface RefusingError {
  readonly policy: string;
}

/** Returns the rejection or the timeout that an error is, or wraps. */
function refusingError(error: unknown): RefusingError | undefined {
  let current = error;
  for (let depth = 0; depth < MOST_CAUSES && typeof current === 'object' && current !== null; depth++) {
    if (isRejection(current) || current instanceof CallTimeoutError) return current;
    const { status, statusCode, cause } = current as { status?: unknown; statusCode?: unknown; cause?: unknown };
    if (typeof status === 'number' || typeof statusCode === 'number') return undefined;
    current = cause;
  }
  return undefined;
}
