import { bulkhead, BulkheadFullError, CircuitOpenError, isRejection, retry } from 'fusewire';
import type { Bulkhead, BulkheadOptions, CallContext, CallOptions, CircuitBreaker } from 'fusewire';
import type { Retry, RetryOptions } from 'fusewire';
import type { OptionsReader } from 'fusewire/kit';
import { Admissions } from './admissions.ts';
import { classifyError, shouldRetry } from './classification.ts';
import type { Now } from './classification.ts';
import { statusOf } from './linked-errors.ts';
import { reportProblemsOf } from './origins.ts';
import type { OriginBreakers } from './origins.ts';
import { isFailedResponse, responseErrorOf } from './translation.ts';
import type { AnyResponse } from './translation.ts';
import type { TotalLimit } from './total-limit.ts';

/** Limit of concurrent requests to an origin, and their retry. */
export interface RouteOptions {
  /**
   * Limit of concurrent requests to one origin, or to one breaker that `breakerFor` returns: a number, or the options of a
   * bulkhead. Default: 100, and a queue of 100. False: no limit.
   */
  readonly maxInFlight?: number | BulkheadOptions | false | undefined;
  /**
   * Options of the retry after a 5xx, a 429, a network error or a timeout. Default: up to 3 further attempts, after 1, 2 and
   * 4 seconds, or after the `Retry-After` of the response. Its `idempotent` is true by default, because only requests with one
   * of the `retryMethods` are repeated. False: no retry.
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
  /** Limit for the whole request. */
  readonly limit?: TotalLimit | undefined;
  /** Discards a response that nobody reads. The next attempt waits for it. */
  readonly discard?: ((answer: Answer) => unknown) | undefined;
}

/** Retry of the requests of a client. */
export interface RouteRetry {
  readonly policy: Retry;
  /** Whether it has a budget, which counts every call. */
  readonly countsCalls: boolean;
}

/** Breaker, retry and bulkhead of one origin. */
export class Route {
  readonly breaker: CircuitBreaker;
  /** Whether a call may end before its work, although its caller has not aborted it: the breaker may have a timeout. */
  readonly endsCalls: boolean;
  readonly #retry: RouteRetry | undefined;
  readonly #origins: OriginBreakers;
  readonly #admissions: Admissions;
  /** Bulkhead of the concurrent requests; undefined without a limit. */
  readonly #connections: Bulkhead | undefined;
  readonly #limit: number;
  /** Number of connections in use. */
  #connected = 0;

  constructor(
    origins: OriginBreakers,
    breaker: CircuitBreaker,
    endsCalls: boolean,
    connections: BulkheadOptions | undefined,
    retryPolicy: RouteRetry | undefined,
  ) {
    this.#origins = origins;
    this.breaker = breaker;
    this.endsCalls = endsCalls;
    this.#connections = connections && bulkhead({ name: breaker.name, ...connections });
    this.#limit = this.#connections?.getStats().limit ?? 0;
    this.#retry = retryPolicy;
    this.#admissions = new Admissions(breaker);
  }

  /**
   * Sends a request through the breaker, and repeats it if `repeat` is true. A response with a failed status counts as a
   * failure; the last one is returned nevertheless.
   */
  send<Answer extends AnyResponse>(
    work: (context: CallContext) => Promise<Answer>,
    { repeat, signal, limit, discard }: Sending<Answer>,
  ): Promise<Answer> {
    const mayEndEarly = this.endsCalls || signal !== undefined;
    const call = new RoutedCall(this.#origins.now, repeat, mayEndEarly, work, discard, limit);
    return call.run(this.breaker, repeat ? this.#retry : undefined, this.#admissions, signal && { signal });
  }

  /**
   * Runs work in a slot of the bulkhead, which it holds until it settles. A call that waits for a slot leaves the queue when
   * its context aborts. The signal of the context is created only for such a call.
   */
  connect<T>(work: () => Promise<T>, context: CallContext, limit?: TotalLimit): Promise<T> {
    const connections = this.#connections;
    if (connections === undefined) return work();
    if (this.#connected < this.#limit) return connections.execute(() => this.#count(work));
    const { signal } = context;
    if (limit === undefined) return connections.execute(() => this.#count(work), { signal });
    const running = limit.start(signal, () => new BulkheadFullError(connections.name, 'queue-timeout'));
    return connections
      .execute(
        () => {
          running.stopTimer();
          return this.#count(work);
        },
        { signal: running.signal },
      )
      .finally(() => {
        running.stopTimer();
        running.stopListening?.();
      });
  }

  #count<T>(work: () => Promise<T>): Promise<T> {
    this.#connected++;
    const running = work();
    running.then(this.#onEnd, this.#onEnd);
    return running;
  }

  readonly #onEnd = (): void => {
    this.#connected--;
  };
}

/** Longest wait in milliseconds until a call asks a circuit for admission again. */
const MAX_WAIT = 1_000;

/** Call of {@link Route.send}. */
class RoutedCall<Answer extends AnyResponse> {
  readonly #now: Now;
  readonly #repeat: boolean;
  #mayEndEarly: boolean;
  readonly #limit: TotalLimit | undefined;
  readonly #work: (context: CallContext) => Promise<Answer>;
  readonly #discard: Sending<Answer>['discard'];
  /** Error and response of the last attempt, if it failed because of its response. */
  #failed: { readonly error: unknown; readonly answer: Answer | undefined } | undefined;
  /** Error of the last attempt that failed, for that of the limit. */
  #lastError: unknown;
  /** Error of the limit, once it has ended the call. */
  #limitError: unknown;
  /** Whether an attempt is under way, which its own timeout ends at the limit. */
  #isRunning = false;
  /** Whether the last attempt was admitted. */
  #isAdmitted = false;

  constructor(
    now: Now,
    repeat: boolean,
    mayEndEarly: boolean,
    work: (context: CallContext) => Promise<Answer>,
    discard: Sending<Answer>['discard'],
    limit: TotalLimit | undefined,
  ) {
    this.#now = now;
    this.#repeat = repeat;
    this.#mayEndEarly = mayEndEarly;
    this.#work = work;
    this.#discard = discard;
    this.#limit = limit;
  }

  async run(
    breaker: CircuitBreaker,
    policy: RouteRetry | undefined,
    admissions: Admissions,
    options: CallOptions | undefined,
  ): Promise<Answer> {
    try {
      if (policy === undefined) return await breaker.execute(this.#attempt, options);
      return await this.#repeated(breaker, policy, admissions, options);
    } catch (error) {
      const failed = this.#failed;
      const isLost =
        failed !== undefined &&
        ((!this.#isAdmitted && error instanceof CircuitOpenError) || error === this.#limitError);
      if (failed === undefined || !(isLost || failed.error === error)) {
        void this.#discardFailed();
        throw error;
      }
      // A caller that has waited to repeat a request gets the response that he has, and not a rejection in its place.
      if (failed.answer === undefined) throw failed.error;
      return failed.answer;
    }
  }

  /**
   * Makes attempts until one succeeds. Unless a budget counts the calls, the retry is asked only after the first failure: most
   * calls succeed, and do not pay for it.
   */
  async #repeated(
    breaker: CircuitBreaker,
    { policy, countsCalls }: RouteRetry,
    admissions: Admissions,
    options: CallOptions | undefined,
  ): Promise<Answer> {
    let first: { readonly error: unknown } | undefined;
    if (!countsCalls) {
      try {
        return await breaker.execute(this.#attempt, options);
      } catch (error) {
        if (isRejection(error)) throw error;
        first = { error };
      }
    }
    return this.#withinLimit(options, (limited) =>
      policy.execute(({ attempt }) => {
        if (attempt > 1) return this.#readmitted(breaker, admissions, limited);
        return first === undefined ? breaker.execute(this.#attempt, limited) : Promise.reject(first.error as Error);
      }, limited),
    );
  }

  /** Runs attempts with options whose signal also aborts at the limit. */
  async #withinLimit(
    options: CallOptions | undefined,
    run: (options: CallOptions | undefined) => Promise<Answer>,
  ): Promise<Answer> {
    const limit = this.#limit;
    if (limit === undefined) return run(options);
    this.#mayEndEarly = true;
    const running = limit.start(options?.signal, () => this.#onLimit(limit));
    try {
      return await run({ ...options, signal: running.signal });
    } finally {
      running.stopTimer();
      running.stopListening?.();
    }
  }

  /** Ends the wait for another attempt. */
  #onLimit(limit: TotalLimit): Error | undefined {
    if (this.#isRunning) return undefined;
    const error = limit.error(this.#lastError);
    this.#limitError = error;
    return error;
  }

  readonly #attempt = async (context: CallContext): Promise<Answer> => {
    this.#isAdmitted = true;
    this.#isRunning = true;
    if (this.#failed !== undefined) await this.#discardFailed();
    let answer: Answer;
    try {
      answer = await this.#work(context);
    } catch (error) {
      this.#lastError = error;
      if (this.#limit?.isOver === true && error instanceof Error) tooLate.add(error);
      if (this.#repeat && classifyError(error)?.status !== undefined) this.#failed = { error, answer: undefined };
      throw error;
    } finally {
      this.#isRunning = false;
    }
    if (this.#mayEndEarly && context.signal.aborted) void this.#discard?.(answer);
    if (isSuccess(answer)) return answer;
    const isFailure = isFailedResponse(answer) || (this.#repeat && asksForRetry(answer));
    const error = isFailure ? responseErrorOf(answer, this.#now) : undefined;
    if (error === undefined) return answer;
    this.#failed = { error, answer };
    this.#lastError = error;
    const limit = this.#limit;
    if (limit !== undefined && (limit.isOver || (error.retryAfter ?? 0) > limit.remaining)) tooLate.add(error);
    throw error;
  };

  /**
   * Makes another attempt. While all probes of a half-open circuit are taken, it waits for room. If the circuit is open, it
   * waits again at most as long as the response has asked for.
   */
  async #readmitted(
    breaker: CircuitBreaker,
    admissions: Admissions,
    options: CallOptions | undefined,
  ): Promise<Answer> {
    let patience = classifyError(this.#failed?.error, this.#now)?.retryAfter ?? 0;
    for (;;) {
      this.#isAdmitted = false;
      try {
        return await breaker.execute(this.#attempt, options);
      } catch (error) {
        if (this.#isAdmitted || this.#failed === undefined || !(error instanceof CircuitOpenError)) throw error;
        const { state, retryAfter } = error;
        if (state !== 'HALF_OPEN') {
          if (retryAfter === null || retryAfter > patience) throw error;
          patience -= Math.min(retryAfter, MAX_WAIT);
        }
        await admissions.next(Math.min(retryAfter ?? MAX_WAIT, MAX_WAIT), options?.signal);
      }
    }
  }

  async #discardFailed(): Promise<void> {
    const { answer } = this.#failed ?? {};
    this.#failed = undefined;
    if (answer !== undefined) await this.#discard?.(answer);
  }
}

/** Errors of attempts after which the limit of their request leaves no time for another one. */
const tooLate = new WeakSet<object>();

/** Whether a response has a status below 400, so that nothing else about it matters. */
function isSuccess(answer: AnyResponse): boolean {
  const status = statusOf(answer);
  return status !== undefined && status < 400;
}

/** Whether a response with a status of 4xx asks to be repeated. */
function asksForRetry(answer: AnyResponse): boolean {
  return (statusOf(answer) ?? 0) >= 400 && shouldRetry(answer) === true;
}

/** Routes of a client, one for each breaker. */
export class Routes {
  readonly origins: OriginBreakers;
  readonly #connections: BulkheadOptions | undefined;
  readonly #retry: RouteRetry | undefined;
  readonly #methods: ReadonlySet<string>;
  readonly #routes = new WeakMap<CircuitBreaker, Route>();

  constructor(
    origins: OriginBreakers,
    connections: BulkheadOptions | undefined,
    retry: RouteRetry | undefined,
    methods: ReadonlySet<string>,
  ) {
    this.origins = origins;
    this.#connections = connections;
    this.#retry = retry;
    this.#methods = methods;
  }

  /** Returns the route for an address and its origin. */
  to(origin: string, address: string | (() => string)): Route {
    const breaker = this.origins.ofOrigin(origin, address);
    let route = this.#routes.get(breaker);
    if (route === undefined) {
      const endsCalls = this.origins.endsCalls(origin, breaker);
      route = new Route(this.origins, breaker, endsCalls, this.#connections, this.#retry);
      this.#routes.set(breaker, route);
    }
    return route;
  }

  /** Whether requests with a method are repeated. */
  repeats(method: string): boolean {
    return this.#methods.has(method) || this.#methods.has(method.toUpperCase());
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
function createRetry({ classify }: OriginBreakers, options: RetryOptions | undefined): RouteRetry {
  const delay = { type: 'exponential', initial: 1_000, factor: 2, jitter: 'none' } as const;
  const { retryIf = () => true } = options ?? {};
  const policy = retry({
    // Only requests whose method may be repeated get here.
    ...{ attempts: 4, delay, classify, idempotent: true, ...options },
    retryIf: (error, context) => !tooLate.has(error as object) && retryIf(error, context),
  });
  return { policy, countsCalls: options?.budget !== undefined };
}

function readConnections(reader: OptionsReader): BulkheadOptions | undefined {
  const value = reader.value('maxInFlight') ?? { limit: 100, queueSize: 100 };
  if (value === false) return undefined;
  const connections = typeof value === 'number' ? { limit: value } : (value as BulkheadOptions);
  const prefix = typeof value === 'number' ? 'maxInFlight, as ' : 'maxInFlight.';
  reportProblemsOf(reader, prefix, () => bulkhead(connections));
  return connections;
}

function readMethods(reader: OptionsReader): ReadonlySet<string> {
  const value = reader.value('retryMethods') ?? IDEMPOTENT_METHODS;
  const isList = Array.isArray(value) && value.every((method) => typeof method === 'string');
  if (!isList) reader.report('retryMethods', 'type', 'a list of methods');
  // axios writes methods in lower case.
  return new Set(isList ? value.flatMap((method: string) => [method.toUpperCase(), method.toLowerCase()]) : []);
}
