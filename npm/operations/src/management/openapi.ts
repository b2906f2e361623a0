import type { Field } from './fields.ts';
import { PROBLEMS } from './problem.ts';
import { operationsOf } from './resolved-route.ts';
import type { RouteOperation } from './resolved-route.ts';
import type { Route } from './route.ts';
import { PROBLEM_SCHEMA, SCHEMAS } from './schemas.ts';
import type { Schema } from './schemas.ts';

const PROBLEM_CONTENT = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };

/** Returns the OpenAPI 3.1 document of a table of routes. */
export function openapiOf(basePath: string, routes: readonly Route[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    paths[basePath + route.path] = {
      ...paths[basePath + route.path],
      [route.method.toLowerCase()]: operationObject(route),
    };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'fusewire management API',
      version: '1',
      description:
        'Routes to look at circuit breakers and to change them. Every error is a problem document of RFC 9457.',
    },
    servers: [{ url: '/' }],
    paths,
    components: { schemas: { ...SCHEMAS, Problem: PROBLEM_SCHEMA } },
  };
}

function operationObject(route: Route): object {
  const operations = [...operationsOf(route).values()];
  const [first] = operations;
  const { access } = first?.operation ?? { access: 'read' };
  const parameters = operations
    .flatMap(({ fields }) => Object.entries(fields))
    .filter(([name, field], index, all) => field.in !== 'body' && all.findIndex(([other]) => other === name) === index)
    .map(([name, field]) => parameterObject(name, field));
  const body = route.method === 'GET' ? undefined : requestBody(route, operations);
  return {
    operationId: operationId(route),
    summary: route.summary ?? operations.map(({ operation }) => operation.summary).join(' Or: '),
    tags: [access],
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && { requestBody: body }),
    responses: responsesOf(route, operations),
  };
}

function operationId({ method, path }: Route): string {
  return `${method.toLowerCase()}${path.replaceAll(/[^A-Za-z\d]+(\w?)/g, (_, letter: string) => letter.toUpperCase())}`;
}

function parameterObject(name: string, field: Field): object {
  const required = field.in === 'path' || field.required === true;
  return { name, in: field.in, required, description: field.description, schema: schemaOf(field) };
}

function requestBody(route: Route, operations: readonly RouteOperation[]): object {
  const schemas = operations.map(({ fields }, index) => bodySchema(route, fields, index));
  const [only] = schemas;
  const schema = schemas.length === 1 ? only : { oneOf: schemas };
  const required = typeof route.operation !== 'string' || operations.some(needsBody);
  return { required, content: { 'application/json': { schema } } };
}

function needsBody({ fields }: RouteOperation): boolean {
  return Object.values(fields).some((field) => field.in === 'body' && field.required === true);
}

function bodySchema(route: Route, fields: RouteOperation['fields'], index: number): Schema {
  const own = Object.entries(fields).filter(([, field]) => field.in === 'body');
  const required = own.filter(([, field]) => field.required === true).map(([name]) => name);
  const properties: Record<string, Schema> = {};
  if (typeof route.operation !== 'string') {
    properties[route.operation.by] = { const: Object.keys(route.operation.of)[index] };
    required.unshift(route.operation.by);
  }
  for (const [name, field] of own) properties[name] = { ...schemaOf(field), description: field.description };
  return { type: 'object', properties, ...(required.length > 0 && { required }), additionalProperties: false };
}

/** Returns the JSON schema of a field. */
export function schemaOf(field: Field): Schema {
  switch (field.type) {
    case 'text':
      return {
        type: 'string',
        minLength: field.least ?? 1,
        maxLength: field.most,
        pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029]*$',
      };
    case 'integer':
      return { type: 'integer', minimum: field.least, maximum: field.most };
    case 'boolean':
      return { type: 'boolean' };
    case 'word':
      return { type: 'string', enum: field.words };
    case 'object':
      return { type: 'object' };
  }
}

function responsesOf(route: Route, operations: readonly RouteOperation[]): object {
  const results = [...new Set(operations.map(({ operation }) => operation.result))];
  const statuses = new Set(operations.flatMap(({ operation }) => operation.statuses ?? []));
  const responses: Record<string, object> = {
    200: { description: 'The answer.', content: answerContent(route, results) },
    400: problemResponse('The request cannot be read.'),
    403: problemResponse('Access is not allowed.'),
    422: problemResponse('Values are invalid.'),
    429: {
      ...problemResponse('There were too many requests.'),
      headers: { 'Retry-After': { description: 'Seconds.', schema: { type: 'integer', minimum: 1 } } },
    },
  };
  if (route.method !== 'GET') {
    responses['408'] = problemResponse('The body took too long.');
    responses['413'] = problemResponse('The body is too large.');
    responses['415'] = problemResponse('The body is not JSON.');
  } else responses['304'] = { description: 'Nothing has changed since the response with the ETag of If-None-Match.' };
  for (const status of statuses) responses[status] ??= problemResponse(titleOf(status));
  const isProbe = operations.some(({ operation }) => operation.access === 'probe');
  if (isProbe) responses['503'] = { description: 'The probe failed.', content: answerContent(route, results) };
  else responses['503'] = problemResponse('A function of the program failed, such as authorize.');
  return responses;
}

function titleOf(status: number): string {
  return `${Object.values(PROBLEMS).find(([its]) => its === status)?.[1] ?? 'The request failed'}.`;
}

function problemResponse(description: string): Record<string, object | string> {
  return { description, content: PROBLEM_CONTENT };
}

function answerContent(route: Route, results: readonly (keyof typeof SCHEMAS)[]): object {
  const [only] = results;
  if (only === 'Stream') return { 'text/event-stream': { schema: { type: 'string' } } };
  if (only === 'Text') return { 'text/*': { schema: { type: 'string' } } };
  if (route.view !== undefined || results.length > 1) return { 'application/json': { schema: {} } };
  return { 'application/json': { schema: { $ref: `#/components/schemas/${only}` } } };
}
