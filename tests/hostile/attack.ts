import assert from 'node:assert/strict';
import { BreakerRegistry } from 'fusewire';
import { manualClock } from '@fusewire/testing';
import { dashboard } from '@fusewire/operations/dashboard';
import { campaignRoutes, havenRoutes, management, nativeRoutes } from '@fusewire/operations/management';
import type { ManagementHandler, ManagementOptions } from '@fusewire/operations/management';
import { hostileRequest, requestOf, TOKEN } from './requests.ts';
import type { HostileRequest, Target } from './requests.ts';
import { randomOf } from './random.ts';

/** Counts of an attack, by status code; `unsendable` are those that no client could send. */
export type Tally = Map<string, number>;

/** Kinds of problems that an answer may have. */
const TYPE =
  /^urn:fusewire:problem:(bad-request|forbidden|cross-site|not-found|method-not-allowed|conflict|timeout|too-large|uri-too-long|unsupported-media-type|invalid|too-many-requests)$/;
/** Traces of a stack, a path of the machine, or a secret that the program holds. */
const LEAK = /\n\s+at |node_modules|\.[cm]?[jt]s:\d|hunter2|polluted|correct horse/;

const letter = { id: '7', topic: 'mail', key: 'k', attempts: 3, lastError: 'password=hunter2 refused' };

/** Sends hostile requests, and checks every answer. Throws with the seed and the request if one is wrong. */
export async function attack(seed: number, count: number, handlerOf = management): Promise<Tally> {
  const random = randomOf(seed);
  const clock = manualClock();
  const registry = new BreakerRegistry({ defaults: { clock } });
  for (const name of ['mpesa', 'sms', 'email', 'database', 'n8n']) registry.create(name);
  await registry
    .get('email')
    ?.execute(() => Promise.reject(new Error('password=hunter2')))
    .catch(() => undefined);
  const tables = [nativeRoutes, havenRoutes, campaignRoutes({ database: 'database', n8n: 'n8n' })];
  const logged: unknown[] = [];
  const options = optionsOf(registry, clock, (error) => void logged.push(error));
  const targets = tables.map((routes, index) => targetsOf(`/ops${index}`, routes));
  const handlers = tables.map((routes, index) => handlerOf({ ...options, routes, basePath: `/ops${index}` }));
  const tally: Tally = new Map();
  for (let sent = 0; sent < count; sent++) {
    const table = random.below(tables.length);
    const hostile = hostileRequest(random, targets[table] as Target[]);
    const request = requestOf(hostile);
    const status =
      request === undefined ? 'unsendable' : await send(handlers[table] as ManagementHandler, request, hostile);
    tally.set(status, (tally.get(status) ?? 0) + 1);
    assert.deepEqual(logged, [], describe(seed, hostile));
    clock.advance(random.below(50));
  }
  assert.equal(registry.size, 5);
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  for (const handler of handlers) handler.close();
  assert.equal(clock.timers, 0, 'timers are left');
  return tally;

  async function send(handler: ManagementHandler, request: Request, hostile: HostileRequest): Promise<string> {
    const { method } = request;
    const isAllowed = request.headers.get('authorization') === TOKEN;
    const before = isAllowed ? '' : stateOf(registry);
    try {
      const response = await handler(request);
      await checkAnswer(method, response, isAllowed);
      if (!isAllowed) assert.equal(stateOf(registry), before, 'something has changed');
      return String(response.status);
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${describe(seed, hostile)}`, { cause: error });
    }
  }
}

/** Returns options of a management API with every route. */
export function optionsOf(
  registry: BreakerRegistry,
  clock: ManagementOptions['clock'],
  onError: (error: unknown) => void,
): ManagementOptions {
  return {
    registry,
    clock,
    readsPerMinute: false,
    changesPerMinute: false,
    authorize: ({ request }) => request.headers.get('authorization') === TOKEN && { who: 'jane' },
    events: {
      record: (event) => void JSON.stringify(event),
      tail: async () => ({ events: [], cursor: null }),
      follow: () => ({ missed: false, stop: () => undefined }),
    },
    metrics: () => '# EOF\n',
    queues: {
      mail: {
        size: async () => ({ waiting: 1, running: 0, dead: 2, oldestAge: 5 }),
        deadLetters: async () => ({ letters: [letter], next: null }),
        revive: async (id) => id === '7',
        discard: async (id) => id === '7',
      },
    },
    tasks: { migrate: () => undefined, 'setup-circuit-breaker-tables': () => undefined },
    alerts: {
      active: () => [{ id: 'a1', rule: 'opened', breaker: 'sms', state: 'firing', severity: 'error', summary: 's' }],
      history: () => [],
      silences: () => [{ id: 's1', by: 'jane', why: 'deploy' }],
      acknowledge: (id: string) => id === 'a1',
      silence: () => ({ id: 's2' }),
      endSilence: (id: string) => id === 's1',
    },
    tests: true,
    dashboard: dashboard(),
    logger: { error: (message, error) => onError(error ?? message) },
  };
}

function targetsOf(base: string, routes: readonly Target[]): Target[] {
  // A simulated timeout waits for real timers of 0 ms, which makes it far slower than the others.
  const all = routes.map(({ method, path }) => ({ method, path: base + path }));
  return all.flatMap((target) => (target.path.includes('timeout') ? [target] : [target, target, target]));
}

async function checkAnswer(method: string, response: Response, isAllowed: boolean): Promise<void> {
  const { status, headers } = response;
  assert.ok(status < 500, `the status is ${status}`);
  assert.equal(headers.get('cache-control'), 'no-store');
  assert.equal(headers.get('x-content-type-options'), 'nosniff');
  assert.equal(headers.get('set-cookie'), null);
  const type = headers.get('content-type');
  if (type?.startsWith('text/event-stream')) return response.body?.cancel();
  const text = await response.text();
  assert.doesNotMatch(text, LEAK);
  if (method === 'HEAD' || status === 204 || status === 304) assert.equal(text, '');
  if (status < 400) {
    assert.ok(isAllowed || status === 204, 'a stranger was let in');
    if (type === 'application/json' && text !== '') JSON.parse(text);
    return;
  }
  assert.equal(type, 'application/problem+json');
  if (status === 405) assert.match(headers.get('allow') ?? '', /^[A-Z]+(, [A-Z]+)*, OPTIONS$/);
  if (method === 'HEAD') return;
  const problem = JSON.parse(text) as Record<string, unknown>;
  assert.match(String(problem['type']), TYPE);
  assert.equal(problem['status'], status);
  assert.ok(typeof problem['title'] === 'string' && typeof problem['detail'] === 'string');
  assert.ok(text.length < 20_000, `the problem has ${text.length} characters`);
}

/** Returns what a change would change. */
function stateOf(registry: BreakerRegistry): string {
  return [...registry].map(([, breaker]) => `${breaker.override}${breaker.explain().generation}`).join();
}

function describe(seed: number, { method, url, headers, body }: HostileRequest): string {
  const text = body === undefined ? 'no body' : new TextDecoder().decode(body.chunks[0]).slice(0, 300);
  return `seed ${seed}: ${method.slice(0, 20)} ${url.slice(0, 300)} ${JSON.stringify(headers).slice(0, 500)} ${text}`;
}
