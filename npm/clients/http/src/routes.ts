import { bulkhead, pipeline, retry } from 'fusewire';
import type { Bulkhead, BulkheadOptions, CallContext, CircuitBreaker } from 'fusewire';
import type { OptionsReader, Retry, RetryOptions } from 'fusewire';
import { shouldRetry } from './classification.ts';
import { statusOf } from './linked-errors.ts';
import { reportProblemsOf } from './origins.ts';
import type { OriginBreakers } from './origins.ts';
import { isFailedResponse, responseErrorOf } from './translation.ts';
import type { AnyResponse } from './translation.ts';

/** Limit of concurrent requests to an origin, and their retry. */
export interface RouteOptions {
  /**
   * Limit of concurrent requests to one origin, or to one breaker that `breakerFor` returns: a number, or the options of a
   * bulkhead. Default: 100, and a queue of 100. False: no limit.
   */
  readonly connections?: number | BulkheadOptions | false | undefined;
  /**
   * Options of the retry after a 5xx, a 429, a network error or a timeout. Default: up to 3 further attempts, after 1, 2 and
   * 4 seconds, or after the `Retry-After` of the response. False: no retry.
   */
  readonly retry?: RetryOptions | false | undefined;
  /** Methods that are repeated. Default: the idempotent ones, GET, HEAD, OPTIONS, TRACE, PUT and DELETE. */
  readonly retryMethods?: readonly string[] | undefined;
}

/** Options of {@link Route.send}. */
export interface Sending<Answer> {
  /** Whether the request may be repeated. */
  readonly repeat: boolean;
  /** Aborts the request. */
  readonly signal?: AbortSignal | undefined;
  /** Discards a response that nobody reads. The next attempt waits for it. */
  readonly discard?: ((answer: Answer) => unknown) | undefined;
}

type Executor = Pick<CircuitBreaker, 'execute'>;

/** Breaker, retry and bulkhead of one origin. */
export class Route {
  readonly breaker: CircuitBreaker;
  /** Bulkhead of the concurrent requests; undefined without a limit. */
  readonly connections: Bulkhead | undefined;
  readonly #withRetry: Executor;
  readonly #origins: OriginBreakers;

  constructor(origins: OriginBreakers, breaker: CircuitBreaker, connections: Bulkhead | undefined, retry?: Retry) {
    this.#origins = origins;
    this.breaker = breaker;
    this.connections = connections;
    this.#withRetry = retry === undefined ? breaker : pipeline([retry, breaker]);
  }

  /**
   * Sends a request through the breaker, and repeats it if `repeat` is true. A response with a failed status counts as a
   * failure; the last one is returned nevertheless.
   */
  async send<Answer extends AnyResponse>(
    work: (context: CallContext) => Promise<Answer>,
    { repeat, signal, discard }: Sending<Answer>,
  ): Promise<Answer> {
    let failed: { readonly error: Error; readonly answer: Answer } | undefined;
    const discardFailed = async () => {
      const { answer } = failed ?? {};
      failed = undefined;
      if (answer !== undefined) await discard?.(answer);
    };
    const attempt = async (context: CallContext): Promise<Answer> => {
      if (failed !== undefined) await discardFailed();
      const answer = await work(context);
      if (context.signal.aborted) void discard?.(answer);
      const isFailure = isFailedResponse(answer) || (repeat && asksForRetry(answer));
      const error = isFailure ? responseErrorOf(answer, this.#origins.now) : undefined;
      if (error === undefined) return answer;
      failed = { error, answer };
      throw error;
    };
    try {
      return await (repeat ? this.#withRetry : this.breaker).execute(attempt, signal && { signal });
    } catch (error) {
      if (failed?.error === error) return failed?.answer as Answer;
      void discardFailed();
      throw error;
    }
  }
}

/** Whether a response with a status of 4xx asks to be repeated. */
function asksForRetry(answer: AnyResponse): boolean {
  return (statusOf(answer) ?? 0) >= 400 && shouldRetry(answer) === true;
}

/** Routes of a client, one for each breaker. */
export class Routes {
  readonly origins: OriginBreakers;
  readonly #connections: BulkheadOptions | undefined;
  readonly #retry: Retry | undefined;
  readonly #methods: ReadonlySet<string>;
  readonly #routes = new WeakMap<CircuitBreaker, Route>();

  constructor(
    origins: OriginBreakers,
    connections: BulkheadOptions | undefined,
    retry: Retry | undefined,
    methods: ReadonlySet<string>,
  ) {
    this.origins = origins;
    this.#connections = connections;
    this.#retry = retry;
    this.#methods = methods;
  }

  /** Returns the route for a URL. */
  to(url: URL): Route {
    const breaker = this.origins.for(url);
    let route = this.#routes.get(breaker);
    if (route === undefined) {
      const connections = this.#connections && bulkhead({ name: breaker.name, ...this.#connections });
      this.#routes.set(breaker, (route = new Route(this.origins, breaker, connections, this.#retry)));
    }
    return route;
  }

  /** Whether requests with a method are repeated. */
  repeats(method: string): boolean {
    return this.#methods.has(method.toUpperCase());
  }
}

const IDEMPOTENT_METHODS = ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'];

/**
 * Reads the options of routes from a reader that also has others.
 *
 * @returns a function that creates the routes. Call it after `reader.finish()`.
 */
export function readRoutes(reader: OptionsReader, createOrigins: () => OriginBreakers): () => Routes {
  const connections = readConnections(reader);
  const retryOptions = reader.value('retry') as RetryOptions | false | undefined;
  if (retryOptions !== undefined && retryOptions !== false) {
    reportProblemsOf(reader, 'retry.', () => retry(retryOptions));
  }
  const methods = readMethods(reader);
  return () => {
    const origins = createOrigins();
    const retryPolicy = retryOptions === false ? undefined : createRetry(origins, retryOptions);
    return new Routes(origins, connections, retryPolicy, methods);
  };
}

/** Returns the retry of a client. Its defaults are those of conexxus-completion-report.md, "Connection Pool Limits". */
function createRetry({ preset }: OriginBreakers, options: RetryOptions | undefined): Retry {
  const delay = { type: 'exponential', initial: 1_000, factor: 2, jitter: 'none' } as const;
  const retryIf = options?.retryIf ?? preset.retry.retryIf;
  return retry({
    ...{ attempts: 4, delay, ...preset.retry, ...options },
    retryIf: (error, context) => !finalErrors.has(error as object) && retryIf(error, context),
  });
}

const finalErrors = new WeakSet<object>();

/** Prevents a retry after a call that rejects with this error, because its caller waits no longer. */
export function repeatNoMore(error: object): void {
  finalErrors.add(error);
}

function readConnections(reader: OptionsReader): BulkheadOptions | undefined {
  const value = reader.value('connections') ?? { limit: 100, queueSize: 100 };
  if (value === false) return undefined;
  const connections = typeof value === 'number' ? { limit: value } : (value as BulkheadOptions);
  const prefix = typeof value === 'number' ? 'connections, as ' : 'connections.';
  reportProblemsOf(reader, prefix, () => bulkhead(connections));
  return connections;
}

function readMethods(reader: OptionsReader): ReadonlySet<string> {
  const value = reader.value('retryMethods') ?? IDEMPOTENT_METHODS;
  const isList = Array.isArray(value) && value.every((method) => typeof method === 'string');
  if (!isList) reader.report('retryMethods', 'type', 'a list of methods');
  return new Set(isList ? value.map((method: string) => method.toUpperCase()) : []);
}
