import type { CircuitBreaker } from 'fusewire';
import type { Field, Fields, Input } from '../fields.ts';
import type { Holds } from '../holds.ts';
import { RequestProblem } from '../problem.ts';
import type { Followed, ProgramParts } from '../program-parts.ts';
import type { SchemaName } from '../schemas.ts';
import type { Trials } from '../trials.ts';

/** Kind of access that an operation needs. */
export type Access = 'probe' | 'read' | 'change' | 'test';

/** Parts of a program, and what the management API keeps of them. */
export interface Services extends ProgramParts {
  readonly holds: Holds;
  readonly trials: Trials;
  readonly streams: StreamOpener;
  /**
   * Runs a function of the program within a time limit. Its error is logged, and becomes a problem.
   *
   * @param what the function, as the subject of a message.
   */
  guarded<T>(what: string, work: () => T | Promise<T>): Promise<T>;
  /** Returns the OpenAPI document. */
  openapi(): object;
  /** Returns the docs page. */
  docs(): string;
}

/** Opens streams of server-sent events. */
export interface StreamOpener {
  /**
   * Returns a response whose body is a stream, until the client goes.
   *
   * @throws {RequestProblem} if there are too many.
   */
  open(services: Services, request: Request, followed: Followed): Response;
  /** Ends all streams. */
  close(): void;
}

/** Request as an operation sees it. */
export interface Call {
  /** Person or program that `authorize` has named; `'anonymous'` for reading if it has named nobody. */
  readonly who: string;
  readonly request: Request;
  /** Asks `authorize` whether the sender may change something. */
  mayChange(): Promise<boolean>;
}

/** Change that an operation has made, for the audit log. */
export interface Change {
  /** Name of the breaker, or null if it concerns several or none. */
  readonly breaker: string | null;
  /** Past tense, without the actor: `reset the breaker mpesa`. */
  readonly summary: string;
  readonly reason: string | null;
  readonly details?: object | undefined;
}

/** Answer of an operation. */
export interface Outcome {
  /** Body, which is sent as JSON; or a response that is sent as it is. */
  readonly body: unknown;
  /** Content type of a body that is text, and is sent as it is. */
  readonly contentType?: string | undefined;
  /** Default 200. */
  readonly status?: number | undefined;
  readonly change?: Change | undefined;
}

/** One thing that the management API can do. */
export interface Operation {
  readonly access: Access;
  /** Description in the imperative, for the OpenAPI document and the docs. */
  readonly summary: string;
  readonly fields: Fields;
  /** Schema of the response body. */
  readonly result: SchemaName;
  /** Status codes besides 200, and those of every operation. */
  readonly statuses?: readonly number[] | undefined;
  /** Option of `management` without which the operation is absent. */
  readonly needs?: 'alerts' | 'events' | 'metrics' | 'queues' | 'tasks' | 'tests' | 'dashboard' | undefined;
  run(services: Services, input: Input, call: Call): Outcome | Promise<Outcome>;
}

/** Field with the name of a breaker. */
export const BREAKER: Field = {
  in: 'path',
  type: 'text',
  most: 200,
  required: true,
  description: 'Name of the breaker.',
};

/** Field with the reason of a change. */
export const REASON: Field = {
  in: 'body',
  type: 'text',
  most: 500,
  description: 'Reason of the change, for the audit log.',
};

/** Field with the reason of a change that needs one. */
export const REQUIRED_REASON: Field = { ...REASON, required: true };

/** Returns the breaker that a request names. */
export function breakerOf(services: Services, input: Input): CircuitBreaker {
  const breaker = services.source.get(input['breaker'] as string);
  if (breaker === undefined || breaker.disposed)
    throw new RequestProblem('not-found', 'There is no circuit breaker of this name');
  return breaker;
}

/** Returns the reason in a request, or null. */
export function reasonOf(input: Input): string | null {
  return (input['reason'] as string | undefined) ?? null;
}
