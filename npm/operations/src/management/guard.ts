import { isJson } from './body.ts';
import { isText } from './fields.ts';
import type { Access } from './operations/operation.ts';
import { RequestProblem } from './problem.ts';
import { within } from './timers.ts';
import type { TimeLimit } from './timers.ts';

/** Question to `authorize`. */
export interface AuthorizationRequest {
  /** Request, for its headers. Its body belongs to the management API. */
  readonly request: Request;
  /** `'probe'` for liveness and readiness, `'read'`, `'change'`, or `'test'` for the test endpoints. */
  readonly access: Access;
  /** Name of the operation, such as `'reset'`. */
  readonly operation: string;
  /** Name of the breaker that it concerns, as the request has it; or null. */
  readonly breaker: string | null;
  /** Second argument of the handler, such as the request of the framework. */
  readonly context: unknown;
}

/**
 * Answer of `authorize`. `who` is the actor in the audit log, without which nothing can be changed. A response, such as one
 * with the status 401, is sent as it is.
 */
export type Authorization = boolean | null | undefined | { readonly who: string } | Response;

/** Function that decides who may do what. If it throws or takes too long, nobody may. */
export type Authorize = (asked: AuthorizationRequest) => Authorization | Promise<Authorization>;

const ADVICE = 'Give management() the option authorize: a function that returns { who } for those who may';

/**
 * Resolves with the actor of a request, or with the response of `authorize`.
 *
 * @throws {RequestProblem} if access is not allowed.
 */
export async function authorized(
  authorize: Authorize | undefined,
  asked: AuthorizationRequest,
  limit: TimeLimit,
): Promise<string | Response> {
  if (authorize === undefined) throw new RequestProblem('forbidden', `Nobody has access. ${ADVICE}`);
  const late = () => new RequestProblem('dependency', `authorize took more than ${limit.time} ms`);
  const answer = await within(limit, () => authorize(asked), late);
  if (answer instanceof Response) return answer;
  if (typeof answer === 'object' && answer !== null) {
    if (isText(answer.who, 1, 200)) return answer.who;
    throw new RequestProblem('forbidden', 'authorize has returned no { who } with a name of 1 to 200 characters');
  }
  if (answer !== true) throw new RequestProblem('forbidden', 'authorize has not allowed this');
  if (asked.access === 'read' || asked.access === 'probe') return 'anonymous';
  throw new RequestProblem(
    'forbidden',
    'authorize must return { who } for a change, so that the audit log has the actor',
  );
}

/**
 * Rejects a change that a page of another site may have sent. Browsers send no header of these across sites without asking
 * first: a JSON content type, or one of the program's own.
 *
 * @param origins origins besides that of the request whose pages may change something.
 */
export function checkOrigin(request: Request, origins: ReadonlySet<string>): void {
  const { headers } = request;
  const site = headers.get('sec-fetch-site');
  const origin = headers.get('origin');
  const isKnown = origin !== null && origins.has(origin);
  if (site !== null && site !== 'same-origin' && site !== 'none' && !isKnown)
    throw new RequestProblem('cross-site', 'A page of another site must not change anything; see the option origins');
  if (site === null && origin !== null && !isKnown && hostOf(origin) !== new URL(request.url).host)
    throw new RequestProblem('cross-site', 'The header Origin names another site; see the option origins');
  if (!isJson(headers.get('content-type') ?? '') && headers.get('x-requested-with') === null)
    throw new RequestProblem('cross-site', 'Send Content-Type: application/json, or a header X-Requested-With');
}

function hostOf(origin: string): string | undefined {
  try {
    return new URL(origin).host;
  } catch {
    return undefined;
  }
}
