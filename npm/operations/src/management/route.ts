import type { Fields, Input } from './fields.ts';
import type { OperationName } from './operations/operations.ts';

/** Method of a route. A route with `GET` also answers `HEAD`. */
export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

/** Route of the management API: an operation at a path. */
export interface Route {
  readonly method: Method;
  /** Path below `basePath`, with parameters in braces: `/breakers/{breaker}/reset`. */
  readonly path: string;
  /** Operation, or operations by the value of a field of the body. */
  readonly operation: OperationName | Choice;
  /** Fields of the operation that have another name in this route: `{ breaker: 'serviceName' }`. */
  readonly rename?: Readonly<Record<string, string>> | undefined;
  /** Values of fields that this route sets itself. */
  readonly preset?: Readonly<Record<string, unknown>> | undefined;
  /** Returns the response body from that of the operation. Default: unchanged. */
  readonly view?: ((body: never, values: Input) => unknown) | undefined;
  /** Fields of the query that only `view` reads. */
  readonly viewFields?: Fields | undefined;
  /** Description of the route for the OpenAPI document, in place of that of the operation. */
  readonly summary?: string | undefined;
}

/** Operations of a route by the value of a field of the body, such as `action`. */
export interface Choice {
  readonly by: string;
  readonly of: Readonly<Record<string, OperationName>>;
}
