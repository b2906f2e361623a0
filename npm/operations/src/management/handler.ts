import { etagOf } from './etag.ts';
import { readBody } from './body.ts';
import { authorized, checkOrigin } from './guard.ts';
import { Holds } from './holds.ts';
import { RequestLimits } from './limits.ts';
import { openapiOf } from './openapi.ts';
import type { ManagementOptions, ManagementSettings } from './options.ts';
import { readManagementOptions } from './options.ts';
import type { Call, Change, Outcome, Services } from './operations/operation.ts';
import { RequestProblem } from './problem.ts';
import { askedOperation, chosen, inputOf, traitsOf } from './resolved-route.ts';
import type { Route } from './route.ts';
import { Router } from './router.ts';
import { docsPageOf } from './docs-page.ts';
import { Streams } from './streams.ts';
import { clockOf, timersOf, within } from './timers.ts';
import type { SetTimer } from './timers.ts';
import { Trials } from './trials.ts';

/**
 * Handler of the management API. It resolves with a response for every request, and never rejects. `context` is handed to
 * `authorize`.
 */
export interface ManagementHandler {
  (request: Request, context?: unknown): Promise<Response>;
  /** Returns the OpenAPI document. */
  openapi(): object;
  /** Ends all streams, and removes all timers. Overrides that were set stay, and do not end by themselves any more. */
  close(): void;
}

/**
 * Returns the handler of the management API, which takes a `Request` and resolves with a `Response`.
 *
 * ```ts
 * const handler = management({ registry, basePath: '/ops', authorize: ({ request }) => operatorOf(request) });
 * ```
 *
 * @throws {OptionsError} with every problem of the options.
 */
export function management(options: ManagementOptions): ManagementHandler {
  const server = new ManagementServer(readManagementOptions(options));
  const handle = (request: Request, context?: unknown) => server.handle(request, context);
  return Object.assign(handle, { openapi: () => server.services.openapi(), close: () => server.close() });
}

const COMMON_HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
} as const;

class ManagementServer {
  readonly services: Services;
  readonly #settings: ManagementSettings;
  readonly #router: Router;
  readonly #setTimer: SetTimer;
  readonly #reads: RequestLimits;
  readonly #changes: RequestLimits;

  constructor(settings: ManagementSettings) {
    this.#settings = settings;
    const { basePath, clock, parts, routes } = settings;
    this.#router = new Router(basePath, routes);
    this.#setTimer = timersOf(clock);
    this.#reads = new RequestLimits('reading', settings.readsPerMinute, clock);
    this.#changes = new RequestLimits('changing', settings.changesPerMinute, clock);
    this.services = {
      ...parts,
      trials: new Trials(),
      holds: new Holds(this.#setTimer, (name, { kind, holder, reason }) => {
        const summary = `the hold of ${holder} on the breaker ${name} has ended`;
        this.#record(holder, 'hold-expired', { breaker: name, summary, reason, details: { override: kind } });
      }),
      streams: new Streams(this.#setTimer, clockOf(clock)),
      guarded: (what, work) => this.#guarded(what, work),
      openapi: () => openapiOf(basePath, routes),
      docs: () => docsPageOf(basePath, routes),
    };
  }

  async handle(request: Request, context: unknown): Promise<Response> {
    const response = await this.#answer(request, context).catch((error: unknown) => this.#problem(error));
    const { status, headers } = response;
    return request.method === 'HEAD' ? new Response(null, { status, headers }) : response;
  }

  close(): void {
    this.services.holds.close();
    this.services.streams.close();
  }

  async #answer(request: Request, context: unknown): Promise<Response> {
    const { method } = request;
    const url = new URL(request.url);
    const match = this.#router.match(method, url.pathname);
    if ('allow' in match) return this.#otherMethod(method, match.allow);
    const { route, params } = match;
    const { access, readsBodyFirst } = traitsOf(route);
    const isChange = access === 'change' || access === 'test';
    if (isChange) checkOrigin(request, this.#settings.origins);
    // The question to `authorize` names the operation and the breaker, which may be in the body.
    const early = readsBodyFirst && this.#settings.authorize !== undefined ? await this.#read(request, route) : {};
    const who = await this.#authorize(request, context, route, { ...early, ...params });
    if (who instanceof Response) return who;
    if (access !== 'probe') await (isChange ? this.#changes : this.#reads).check(who);
    const body = readsBodyFirst ? early : await this.#read(request, route);
    const its = chosen(route, body);
    const input = inputOf(route, its, { path: params, query: url.searchParams, body });
    const call: Call = { who, request, mayChange: () => this.#mayChange(request, context) };
    const outcome = await its.operation.run(this.services, input, call);
    if (outcome.change !== undefined) {
      const { summary } = outcome.change;
      this.#record(who, its.name, { ...outcome.change, summary: `${who} ${summary}` });
    }
    return respond(request, outcome, (shown) => (route.view === undefined ? shown : route.view(shown as never, input)));
  }

  #otherMethod(method: string, allow: string): Response {
    if (method === 'OPTIONS') return new Response(null, { status: 204, headers: { ...COMMON_HEADERS, allow } });
    throw new RequestProblem('method-not-allowed', `The methods of this resource are ${allow}`, { headers: { allow } });
  }

  #read(request: Request, { method }: Route): Promise<Readonly<Record<string, unknown>>> {
    if (method === 'GET') return Promise.resolve({});
    const { bodyBytes: bytes, bodyTimeout: time } = this.#settings;
    return readBody(request, { bytes, time, setTimer: this.#setTimer });
  }

  async #authorize(
    request: Request,
    context: unknown,
    route: Route,
    values: Readonly<Record<string, unknown>>,
  ): Promise<string | Response> {
    const { authorize, timeout: time, publicProbes } = this.#settings;
    const { access } = traitsOf(route);
    if (access === 'probe' && publicProbes) return 'anonymous';
    const breaker = values[route.rename?.['breaker'] ?? 'breaker'];
    const asked = {
      request,
      access,
      operation: askedOperation(route, values),
      breaker: typeof breaker === 'string' ? breaker : null,
      context,
    };
    return this.#logged('authorize', () => authorized(authorize, asked, { time, setTimer: this.#setTimer }));
  }

  /** Whether the sender of a request may change something. A refusal, or a response such as one to log in, means no. */
  async #mayChange(request: Request, context: unknown): Promise<boolean> {
    const asked = { request, access: 'change', operation: 'session', breaker: null, context } as const;
    const limit = { time: this.#settings.timeout, setTimer: this.#setTimer };
    try {
      return typeof (await authorized(this.#settings.authorize, asked, limit)) === 'string';
    } catch {
      return false;
    }
  }

  #guarded<T>(what: string, work: () => T | Promise<T>): Promise<T> {
    const limit = { time: this.#settings.timeout, setTimer: this.#setTimer };
    const late = () => new RequestProblem('dependency', `${what} took more than ${limit.time} ms`);
    return this.#logged(what, () => within(limit, work, late));
  }

  /** Runs a function of the program. Its error is logged, and becomes a problem. */
  async #logged<T>(what: string, run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      if (error instanceof RequestProblem) throw error;
      this.#report(`${what} failed`, error);
      throw new RequestProblem('dependency', `${what} failed; the log of the program has the error`);
    }
  }

  #record(actor: string, operation: string, { breaker, summary, reason, details }: Change): void {
    try {
      this.services.events?.record({
        kind: 'administration',
        severity: 'warning',
        actor,
        reason,
        breaker,
        summary,
        details: { operation, ...details },
      });
    } catch (error) {
      this.#report('the event log failed', error);
    }
  }

  #problem(error: unknown): Response {
    if (!(error instanceof RequestProblem)) this.#report('a request failed', error);
    const problem =
      error instanceof RequestProblem
        ? error
        : new RequestProblem('internal', 'The request failed; the log of the program has the error');
    const headers = { ...COMMON_HEADERS, ...problem.headers, 'content-type': 'application/problem+json' };
    return new Response(JSON.stringify(problem.document), { status: problem.document.status, headers });
  }

  #report(message: string, error: unknown): void {
    try {
      this.#settings.logger.error(`Management: ${message}`, error);
    } catch {
      // Nobody is left to report it to.
    }
  }
}

function respond(request: Request, outcome: Outcome, view: (body: unknown) => unknown): Response {
  if (outcome.body instanceof Response) return outcome.body;
  const { contentType = 'application/json' } = outcome;
  const isText = outcome.contentType !== undefined;
  const text = isText ? String(outcome.body) : JSON.stringify(view(outcome.body));
  const headers: Record<string, string> = { ...COMMON_HEADERS, 'content-type': contentType };
  const status = outcome.status ?? 200;
  if ((request.method === 'GET' || request.method === 'HEAD') && status === 200) {
    const etag = etagOf(text);
    headers['etag'] = etag;
    if (matches(request.headers.get('if-none-match'), etag)) return new Response(null, { status: 304, headers });
  }
  return new Response(text, { status, headers });
}

function matches(given: string | null, etag: string): boolean {
  if (given?.trim() === '*') return true;
  return given !== null && given.split(',').some((one) => one.trim().replace(/^W\//, '') === etag.replace(/^W\//, ''));
}
