import type { Fields, Input, RawInput } from './fields.ts';
import { readInput } from './fields.ts';
import { OPERATIONS } from './operations/operations.ts';
import type { OperationName } from './operations/operations.ts';
import type { Access, Operation } from './operations/operation.ts';
import { RequestProblem } from './problem.ts';
import type { Route } from './route.ts';

/** Operation of a route, with the fields as the route has them. */
export interface RouteOperation {
  readonly name: OperationName;
  readonly operation: Operation;
  /** Fields by the names that the request has. */
  readonly fields: Fields;
}

/** Returns the operations of a route, the only one under `''` if there is no choice. */
export function operationsOf(route: Route): ReadonlyMap<string, RouteOperation> {
  const { operation } = route;
  if (typeof operation === 'string') return new Map([['', operationOf(route, operation)]]);
  return new Map(Object.entries(operation.of).map(([word, name]) => [word, operationOf(route, name)]));
}

function operationOf(route: Route, name: OperationName): RouteOperation {
  const operation: Operation = OPERATIONS[name];
  const own = route.method === 'GET' ? 'query' : 'body';
  const fields = Object.entries(operation.fields)
    .filter(([field]) => !Object.hasOwn(route.preset ?? {}, field))
    .map(([field, its]) => {
      const shown = route.rename?.[field] ?? field;
      const isInPath = route.path.includes(`{${shown}}`);
      return [shown, { ...its, in: isInPath ? 'path' : its.in === 'path' ? own : its.in }] as const;
    });
  return { name, operation, fields: { ...Object.fromEntries(fields), ...route.viewFields } as Fields };
}

/** Properties of a route that its operations share. */
export interface RouteTraits {
  readonly access: Access;
  /** Whether the body decides what is asked for: it then has to be read before `authorize` is called. */
  readonly readsBodyFirst: boolean;
}

/** Returns the properties of a route. Of several kinds of access, the one of the first operation counts. */
export function traitsOf(route: Route): RouteTraits {
  const operations = [...operationsOf(route).values()];
  const access = operations[0]?.operation.access ?? 'change';
  const breaker = route.rename?.['breaker'] ?? 'breaker';
  const readsBodyFirst =
    typeof route.operation !== 'string' || operations.some(({ fields }) => fields[breaker]?.in === 'body');
  return { access, readsBodyFirst };
}

/** Returns the name of the operation that a request asks for; if its body chooses none, that of the first. */
export function askedOperation(route: Route, body: Readonly<Record<string, unknown>>): OperationName {
  const operations = operationsOf(route);
  const word = typeof route.operation === 'string' ? '' : body[route.operation.by];
  const found = typeof word === 'string' ? operations.get(word) : undefined;
  return (found ?? ([...operations.values()][0] as RouteOperation)).name;
}

/** Returns the operation that a body chooses. */
export function chosen(route: Route, body: Readonly<Record<string, unknown>>): RouteOperation {
  const operations = operationsOf(route);
  if (typeof route.operation === 'string') return operations.get('') as RouteOperation;
  const { by } = route.operation;
  const word = Object.hasOwn(body, by) ? body[by] : undefined;
  const found = typeof word === 'string' ? operations.get(word) : undefined;
  if (found !== undefined) return found;
  const message = `must be ${[...operations.keys()].map((known) => `'${known}'`).join(' or ')}`;
  throw new RequestProblem('invalid', `${by} ${message}`, { problems: [{ field: by, message }] });
}

/** Returns the values of a request by the names that the operation has for them. */
export function inputOf(route: Route, { fields, operation }: RouteOperation, raw: RawInput): Input {
  const { by } = typeof route.operation === 'string' ? { by: undefined } : route.operation;
  const body =
    by === undefined ? raw.body : Object.fromEntries(Object.entries(raw.body).filter(([name]) => name !== by));
  const given = readInput(fields, { ...raw, body });
  const input: Record<string, unknown> = Object.assign(Object.create(null), route.preset);
  for (const field of Object.keys(operation.fields)) {
    const value = given[route.rename?.[field] ?? field];
    if (value !== undefined) input[field] = value;
  }
  for (const field of Object.keys(route.viewFields ?? {})) if (field in given) input[field] = given[field];
  return input;
}
