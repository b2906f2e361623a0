import { bulkhead, pipeline, retry } from 'fusewire';
import type { Bulkhead, BulkheadOptions, CallContext, CircuitBreaker } from 'fusewire';
import type { OptionsReader, Retry, RetryOptions } from 'fusewire';
import { adopting } from './origins.ts';
import type { OriginBreakers } from './origins.ts';
import { isFailedResponse, responseErrorOf } from './translation.ts';
import type { AnyResponse } from './translation.ts';

/** How many requests may be under way to an origin, and how they are repeated. */
export interface RouteOptions {
  /**
   * How many requests may be under way to one origin, or to what `breakerFor` puts together: a number, or more with a
   * queue. Default 100, and 100 more that wait. False: as many as come.
   */
  readonly connections?: number | BulkheadOptions | false | undefined;
  /**
   * How a request is repeated that failed: by a 5xx, by 429, by the network or in time. Default: up to 3 times, after 1, 2
   * and 4 seconds, or after what `Retry-After` says. False: not at all.
   */
  readonly retry?: RetryOptions | false | undefined;
  /** The methods that may be repeated. Default: those that do no more the second time, GET, HEAD, OPTIONS, TRACE, PUT, DELETE. */
  readonly retryMethods?: readonly string[] | undefined;
}

/** How one request is sent. */
export interface Sending<Answer> {
  /** Whether it may be repeated. */
  readonly repeat: boolean;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
  /** Throws away a response that nobody is going to read; it may take a while. */
  readonly discard?: ((answer: Answer) => unknown) | undefined;
}

type Runner = Pick<CircuitBreaker, 'execute'>;

/** The way to one origin: its breaker, what is around it, and its connections. */
export class Route {
  readonly breaker: CircuitBreaker;
  /** The requests that are under way. */
  readonly connections: Bulkhead | undefined;
  readonly #repeated: Runner;
  readonly #origins: OriginBreakers;

  constructor(origins: OriginBreakers, breaker: CircuitBreaker, connections: Bulkhead | undefined, again?: Retry) {
    this.#origins = origins;
    this.breaker = breaker;
    this.connections = connections;
    this.#repeated = again === undefined ? breaker : pipeline([again, breaker]);
  }

  /**
   * Sends a request through the breaker, again where it may be. A response whose status is a failure counts as one, and is
   * handed over when all is over.
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
      const error = isFailedResponse(answer) ? responseErrorOf(answer, this.#origins.now) : undefined;
      if (error === undefined) return answer;
      failed = { error, answer };
      throw error;
    };
    try {
      return await (repeat ? this.#repeated : this.breaker).execute(attempt, signal && { signal });
    } catch (error) {
      if (failed?.error === error) return failed?.answer as Answer;
      void discardFailed();
      throw error;
    }
  }
}

/** The ways to all origins. */
export class Routes {
  readonly origins: OriginBreakers;
  readonly #connections: BulkheadOptions | undefined;
  readonly #retry: Retry | undefined;
  readonly #methods: ReadonlySet<string>;
  /** One for each breaker, for as long as that is there. */
  readonly #routes = new WeakMap<CircuitBreaker, Route>();

  constructor(
    origins: OriginBreakers,
    connections: BulkheadOptions | undefined,
    again: Retry | undefined,
    methods: ReadonlySet<string>,
  ) {
    this.origins = origins;
    this.#connections = connections;
    this.#retry = again;
    this.#methods = methods;
  }

  /** The way to a URL. */
  to(url: URL): Route {
    const breaker = this.origins.for(url);
    let route = this.#routes.get(breaker);
    if (route === undefined) {
      const connections = this.#connections && bulkhead({ name: breaker.name, ...this.#connections });
      this.#routes.set(breaker, (route = new Route(this.origins, breaker, connections, this.#retry)));
    }
    return route;
  }

  /** Whether a request of that method may be repeated. */
  repeats(method: string): boolean {
    return this.#methods.has(method.toUpperCase());
  }
}

const IDEMPOTENT = ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'];

/**
 * Reads the options of routes among others.
 *
 * @returns makes them, once the reader has found nothing wrong.
 */
export function readRoutes(reader: OptionsReader, makeOrigins: () => OriginBreakers): () => Routes {
  const connections = connectionsOf(reader);
  const given = reader.value('retry');
  if (given !== undefined && given !== false) {
    adopting(reader, 'retry.', () => retry(given as RetryOptions));
  }
  const methods = methodsOf(reader);
  return () => {
    const origins = makeOrigins();
    const again = given === false ? undefined : retryOf(origins, given as RetryOptions | undefined);
    return new Routes(origins, connections, again, methods);
  };
}

/** After the document of the conexxus backend, "Connection Pool Limits": 3 retries, after 1, 2 and 4 seconds. */
function retryOf({ preset }: OriginBreakers, given: RetryOptions | undefined): Retry {
  const delay = { type: 'exponential', initial: 1_000, factor: 2, jitter: 'none' } as const;
  const retryIf = given?.retryIf ?? preset.retry.retryIf;
  return retry({
    ...{ attempts: 4, delay, ...preset.retry, ...given },
    retryIf: (error, context) => !lastErrors.has(error as object) && retryIf(error, context),
  });
}

const lastErrors = new WeakSet<object>();

/** Has no retry repeat what rejected with this error: its caller waits no longer. */
export function repeatNoMore(error: object): void {
  lastErrors.add(error);
}

function connectionsOf(reader: OptionsReader): BulkheadOptions | undefined {
  const given = reader.value('connections') ?? { limit: 100, queueSize: 100 };
  if (given === false) return undefined;
  const connections = typeof given === 'number' ? { limit: given } : (given as BulkheadOptions);
  const prefix = typeof given === 'number' ? 'connections, as ' : 'connections.';
  adopting(reader, prefix, () => bulkhead(connections));
  return connections;
}

function methodsOf(reader: OptionsReader): ReadonlySet<string> {
  const given = reader.value('retryMethods') ?? IDEMPOTENT;
  const isList = Array.isArray(given) && given.every((method) => typeof method === 'string');
  if (!isList) reader.report('retryMethods', 'type', 'a list of methods');
  return new Set(isList ? given.map((method: string) => method.toUpperCase()) : []);
}
