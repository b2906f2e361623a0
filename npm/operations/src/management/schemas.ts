// JSON schemas of the response bodies, for the OpenAPI document.

import { PROBLEMS } from './problem.ts';

/** JSON schema. */
export type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: 'string' };
const count: Schema = { type: 'integer', minimum: 0 };
const number: Schema = { type: 'number' };
const boolean: Schema = { type: 'boolean' };
const time: Schema = { type: 'string', format: 'date-time' };
const anything: Schema = { type: 'object' };

function nullable(schema: Schema): Schema {
  return { ...schema, type: [schema['type'], 'null'] };
}

function listOf(items: Schema): Schema {
  return { type: 'array', items };
}

/** Returns the schema of an object of which all properties but the optional ones are required. */
function object(properties: Record<string, Schema>, optional: readonly string[] = []): Schema {
  const required = Object.keys(properties).filter((property) => !optional.includes(property));
  return { type: 'object', required, properties };
}

function mapOf(values: Schema): Schema {
  return { type: 'object', additionalProperties: values };
}

function reference(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

const STATE: Schema = { type: 'string', enum: ['CLOSED', 'OPEN', 'HALF_OPEN'] };
const OVERRIDE: Schema = { type: 'string', enum: ['NONE', 'FORCED_OPEN', 'FORCED_CLOSED', 'SHADOW'] };

const hold = object({ kind: OVERRIDE, holder: text, reason: text, since: time, until: nullable(time) });
const trial = object({ state: STATE, options: anything, holder: text, reason: text, since: time });
const stats: Schema = {
  ...object({
    name: text,
    state: STATE,
    override: OVERRIDE,
    underlyingState: STATE,
    totalRequests: count,
    uptime: number,
  }),
  description: 'Counters of the breaker, as `breaker.getStats()` returns them.',
};

const breaker = object(
  {
    name: text,
    state: STATE,
    override: OVERRIDE,
    enabled: boolean,
    retryAfter: nullable(count),
    holds: listOf(hold),
    trial: { anyOf: [trial, { type: 'null' }] },
    stats,
  },
  ['stats'],
);

const problem = object(
  {
    type: { type: 'string', enum: Object.keys(PROBLEMS).map((kind) => `urn:fusewire:problem:${kind}`) },
    title: text,
    status: { type: 'integer', minimum: 400, maximum: 599 },
    detail: text,
    problems: listOf(object({ field: text, message: text })),
  },
  ['problems'],
);

/** Schema of a problem document. */
export const PROBLEM_SCHEMA: Schema = problem;

/** Schemas by the names of the results. */
export const SCHEMAS = {
  Breaker: breaker,
  BreakerList: object({
    breakers: listOf(reference('Breaker')),
    summary: object({ total: count, closed: count, open: count, halfOpen: count }),
    next: nullable(text),
  }),
  Explanation: {
    ...object({
      name: text,
      state: STATE,
      override: OVERRIDE,
      reason: text,
      from: STATE,
      to: STATE,
      at: nullable(time),
    }),
    description: 'Numbers behind the last decision, as `breaker.explain()` returns them.',
  },
  ResetResult: object({ reset: listOf(text) }),
  Health: object(
    {
      status: { type: 'string', enum: ['ok', 'degraded', 'error'] },
      score: { type: 'integer', minimum: 0, maximum: 100 },
      parts: listOf(
        object({
          kind: { type: 'string', enum: ['breaker', 'queue', 'check'] },
          name: text,
          state: text,
          share: number,
          weight: number,
          critical: boolean,
          detail: nullable(text),
          retryAfter: nullable(count),
        }),
      ),
      timestamp: time,
      stats: mapOf(stats),
    },
    ['stats'],
  ),
  Probe: object({ status: { type: 'string', enum: ['ok', 'error'] }, failed: listOf(text) }),
  OpenApi: object({ openapi: text, info: anything, paths: anything }),
  EventPage: object({
    events: listOf(
      object({
        id: text,
        time: number,
        kind: text,
        severity: { type: 'string', enum: ['info', 'warning', 'error', 'critical'] },
        breaker: nullable(text),
        policy: nullable(text),
        instance: text,
        actor: nullable(text),
        reason: nullable(text),
        count,
        summary: text,
        details: anything,
      }),
    ),
    cursor: nullable(text),
  }),
  QueueList: object({
    queues: listOf(
      object({ name: text, waiting: count, running: count, dead: count, oldestAge: nullable(number), error: text }, [
        'waiting',
        'running',
        'dead',
        'oldestAge',
        'error',
      ]),
    ),
  }),
  DeadLetterList: object({
    deadLetters: listOf(
      object({ id: text, topic: text, key: text, payload: {}, attempts: count, lastError: nullable(text) }, [
        'payload',
      ]),
    ),
    next: nullable(text),
  }),
  TaskResult: object({ task: text }),
  DeadLetterResult: object({ queue: text, id: text }),
  FailureSimulation: object({
    serviceName: text,
    results: listOf(
      object({ iteration: count, success: boolean, error: text, circuitBreakerOpen: boolean }, ['error']),
    ),
    stats,
  }),
  TimeoutSimulation: object({ serviceName: text, delay: number, limit: number, timeout: boolean, error: text, stats }, [
    'error',
  ]),
  ServiceChecks: object({
    services: listOf(
      object({ service: text, available: boolean, duration: number, error: text, state: nullable(STATE) }, ['error']),
    ),
  }),
  Session: object({ who: text, mayChange: boolean }),
  Text: text,
  Stream: text,
  Any: mapOf({}),
} as const satisfies Record<string, Schema>;

/** Name of the schema of a result. */
export type SchemaName = keyof typeof SCHEMAS;
