import assert from 'node:assert/strict';
import { BreakerRegistry } from 'fusewire';
import { manualClock } from '@fusewire/testing';
import type { ManualClock } from '@fusewire/testing';
import { dashboard } from '@fusewire/operations/dashboard';
import { management } from '@fusewire/operations/management';
import type { AuditLog, ManagementHandler, ManagementOptions, ProblemDocument } from '@fusewire/operations/management';
import type { NewEvent } from '@fusewire/operations/events';

/** Management API over a registry with the breakers mpesa, sms and email. */
export interface Fixture {
  readonly clock: ManualClock;
  readonly registry: BreakerRegistry;
  readonly handler: ManagementHandler;
  /** Events that were recorded. */
  readonly recorded: NewEvent[];
  /** Errors that were logged. */
  readonly logged: string[];
  /** Sends a request, with what a change needs, and returns the response. */
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Sends a request and returns the JSON body of its response, which must have the status 200. */
  json(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
  /** Sends a request and returns the problem document of its response. */
  problem(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<ProblemDocument>;
}

/** Origin of the requests. */
export const ORIGIN = 'http://ops.test';

/** Creates a management API whose actor is jane. */
export function fixture(options: Partial<ManagementOptions> = {}): Fixture {
  const clock = manualClock();
  const registry = new BreakerRegistry({ defaults: { failureThreshold: 3, resetTimeout: 30_000, clock } });
  for (const name of ['mpesa', 'sms', 'email']) registry.create(name);
  const recorded: NewEvent[] = [];
  const logged: string[] = [];
  const handler = management({
    registry,
    clock,
    authorize: () => ({ who: 'jane' }),
    events: { ...NO_EVENTS, record: (event: NewEvent) => void recorded.push(event) },
    logger: { error: (message: string) => void logged.push(message) },
    ...options,
  });
  const send: Fixture['send'] = (method, path, body, headers) => handler(requestOf(method, path, body, headers));
  return {
    clock,
    registry,
    handler,
    recorded,
    logged,
    send,
    async json(method, path, body) {
      const response = await send(method, path, body);
      const text = await response.text();
      assert.equal(response.status, 200, text);
      return JSON.parse(text) as Record<string, unknown>;
    },
    async problem(method, path, body, headers) {
      return checkProblem(await send(method, path, body, headers));
    },
  };
}

/** Returns a request with the headers that a change needs, and others. */
export function requestOf(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Request {
  const isText = typeof body === 'string';
  return new Request(ORIGIN + path, {
    method,
    headers: { ...(method !== 'GET' && method !== 'HEAD' && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: isText ? body : JSON.stringify(body) }),
  });
}

/** Checks that a response is a problem document, and returns it. */
export async function checkProblem(response: Response): Promise<ProblemDocument> {
  const text = await response.text();
  assert.equal(response.headers.get('content-type'), 'application/problem+json', text);
  const problem = JSON.parse(text) as ProblemDocument;
  assert.match(problem.type, /^urn:fusewire:problem:[a-z-]+$/);
  assert.equal(problem.status, response.status);
  assert.ok(problem.status >= 400 && problem.status <= 599);
  assert.ok(problem.title.length > 0 && problem.detail.length > 0);
  assert.doesNotMatch(text, /\bat .*[:(]\d+|node_modules|\.ts\b/);
  return problem;
}

/** Event log without events. */
export const NO_EVENTS: AuditLog = {
  record: () => undefined,
  tail: async () => ({ events: [], cursor: null }),
  follow: () => ({ missed: false, stop: () => undefined }),
};

/** Options with which every route is there. */
export const EVERYTHING = {
  metrics: () => '# EOF\n',
  queues: {
    mail: {
      size: async () => ({ waiting: 1, running: 0, dead: 2, oldestAge: 5 }),
      deadLetters: async ({ after }: { readonly after?: string | undefined } = {}) => {
        const letter = {
          id: '7',
          topic: 'mail',
          key: 'k',
          payload: { password: 'hunter2' },
          attempts: 3,
          lastError: 'refused',
        };
        return { letters: after === undefined ? [letter] : [], next: after === undefined ? '1_7' : null };
      },
      revive: async (id: string) => id === '7',
      discard: async (id: string) => id === '7',
    },
  },
  tests: true,
  dashboard: dashboard(),
  tasks: { migrate: () => undefined },
} as const satisfies Partial<ManagementOptions>;
