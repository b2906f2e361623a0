import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import { BreakerRegistry } from 'fusewire';
import { campaignRoutes, havenRoutes, nativeRoutes } from '@fusewire/operations/management';
import { EVERYTHING, fixture, NO_EVENTS } from './support.ts';

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { name: string; in: string; required: boolean; schema: object }[];
  readonly requestBody?: { required: boolean; content: { 'application/json': { schema: object } } };
  readonly responses: Record<string, { content?: Record<string, { schema: object }> }>;
}

interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { schemas: Record<string, object> };
}

const SAMPLE_BODIES: Readonly<Record<string, unknown>> = {
  'POST /breakers/{breaker}/force-open': { reason: 'r', ttl: 5_000, holder: 'h' },
  'POST /breakers/{breaker}/force-closed': { reason: 'r' },
  'POST /breakers/{breaker}/shadow': { reason: 'r' },
  'PATCH /breakers/{breaker}/options': { reason: 'r', options: { failureThreshold: 7 } },
  'POST /alerts/{id}/acknowledge': { reason: 'r' },
  'POST /silences': { reason: 'r', duration: 5_000 },
  'POST /silences/{id}/end': { reason: 'r' },
  'POST /tests/simulate-failure': { serviceName: 's', iterations: 3 },
  'POST /tests/simulate-timeout': { serviceName: 's', delay: 7_000 },
};

/** Returns a validator for a schema of a document. */
function validatorOf(document: Document): (schema: object) => ValidateFunction {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, validateFormats: false });
  ajv.addVocabulary(['components']);
  ajv.addSchema({ $id: 'document', components: document.components });
  return (schema) => ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"document#/')) as object);
}

const everything = () => fixture({ ...EVERYTHING, events: NO_EVENTS, readsPerMinute: false, changesPerMinute: false });

describe('the OpenAPI document', () => {
  it('has every route of the table, each with an id of its own', async () => {
    const document = (await everything().json('GET', '/openapi.json')) as unknown as Document;
    assert.equal(document.openapi, '3.1.0');
    const listed = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    assert.deepEqual(listed.sort(), nativeRoutes.map(({ method, path }) => `${method} ${path}`).sort());
    const ids = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    assert.equal(new Set(ids).size, ids.length);
    for (const [path, methods] of Object.entries(document.paths)) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const { parameters = [] } of Object.values(methods)) {
        const its = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
        assert.deepEqual(its, inPath, path);
      }
    }
  });

  it('leaves out the routes that the program does not have', async () => {
    const { paths } = fixture({ events: undefined }).handler.openapi() as Document;
    for (const path of ['/events', '/metrics', '/queues', '/tasks/{task}', '/tests/simulate-failure'])
      assert.equal(paths[path], undefined, path);
  });

  it('describes every answer: valid ones, and problems', async () => {
    const its = everything();
    const document = its.handler.openapi() as Document;
    const validator = validatorOf(document);
    its.registry.get('sms')?.open();
    await its.registry
      .get('mpesa')
      ?.execute(() => Promise.reject(new Error('x')))
      .catch(() => undefined);
    const [, file] = /src="dashboard\/([^"]+)"/.exec(await (await its.send('GET', '/dashboard')).text()) ?? [];
    for (const { method, path } of nativeRoutes) {
      if (path === '/stream') continue;
      const body = SAMPLE_BODIES[`${method} ${path}`] ?? (method === 'GET' ? undefined : {});
      const values = { breaker: 'sms', queue: 'mail', id: '7', task: 'migrate', file } as Record<string, string>;
      for (const name of ['sms', 'missing']) {
        const target = path.replaceAll(/\{(\w+)\}/g, (_, field: string) =>
          name === 'sms' ? (values[field] ?? '') : name,
        );
        const response = await its.send(method, target, body);
        const described = document.paths[path]?.[method.toLowerCase()]?.responses[response.status];
        assert.ok(described !== undefined, `${method} ${target} has answered ${response.status}`);
        const [[type, { schema }]] = Object.entries(described.content ?? {}) as [[string, { schema: object }]];
        const sent = response.headers.get('content-type') ?? '';
        assert.ok(type === 'text/*' ? sent.startsWith('text/') : sent === type, `${type}, got ${sent}`);
        if (type === 'text/*') continue;
        const validate = validator(schema);
        const answer: unknown = await response.json();
        assert.ok(validate(answer), `${method} ${path}: ${JSON.stringify(validate.errors)}`);
      }
    }
  });

  it('describes the bodies: the samples are valid, and other fields are not', () => {
    const document = everything().handler.openapi() as Document;
    const validator = validatorOf(document);
    for (const [route, body] of Object.entries(SAMPLE_BODIES)) {
      const [method = '', path = ''] = route.split(' ');
      const schema = document.paths[path]?.[method.toLowerCase()]?.requestBody?.content['application/json'].schema;
      const validate = validator(schema as object);
      assert.ok(validate(body), route);
      assert.ok(!validate({ ...(body as object), other: 1 }), route);
      assert.ok(!validate({}), route);
    }
  });
});

describe('havenRoutes', () => {
  const base = '/api/v1/circuit-breakers';
  const haven = () =>
    fixture({
      routes: havenRoutes,
      basePath: '/api/v1',
      tests: { breaker: { failureThreshold: 3 }, services: { mpesa: () => 1 } },
    });

  it('have the paths and the shapes of the document', async () => {
    const { json, registry, problem } = haven();
    registry.get('sms')?.open();
    const all = (await json('GET', base)) as Record<string, Record<string, unknown>>;
    assert.deepEqual(all['mpesa'], { state: 'CLOSED', failureCount: 0, successCount: 0, uptime: 100 });
    assert.equal(typeof all['sms']?.['nextAttempt'], 'string');
    assert.deepEqual(await json('GET', `${base}/mpesa`), all['mpesa']);
    assert.equal((await json('GET', `${base}/health`))['status'], 'degraded');
    const metrics = (await json('GET', `${base}/metrics`)) as { summary: object; services: object };
    assert.deepEqual(Object.keys(metrics.services), ['email', 'mpesa', 'sms']);
    assert.deepEqual(await json('POST', `${base}/sms/reset`), { success: true, reset: ['sms'] });
    assert.deepEqual(await json('POST', `${base}/reset-all`), { success: true, reset: ['email', 'mpesa', 'sms'] });
    assert.equal((await problem('GET', `${base}/unknown`)).status, 404);
  });

  it('have the test endpoints of the document', async () => {
    const { json } = haven();
    const tests = '/api/v1/test-circuit-breaker';
    const failure = { serviceName: 'test-service', shouldFail: true, iterations: 5 };
    const { results, stats } = await json('POST', `${tests}/simulate-failure`, failure);
    assert.equal((results as unknown[]).length, 5);
    assert.equal((stats as { state: string }).state, 'OPEN');
    const late = await json('POST', `${tests}/simulate-timeout`, { serviceName: 'timeout-test', delay: 6_000 });
    assert.equal(late['timeout'], true);
    const services = await json('POST', `${tests}/test-external-services`);
    assert.deepEqual(services, [{ service: 'mpesa', available: true, duration: 0, state: 'CLOSED' }]);
  });

  it('ask authorize about the breaker of the path', async () => {
    const asked: unknown[] = [];
    const { json } = fixture({
      routes: havenRoutes,
      authorize: ({ operation, breaker }) => (asked.push([operation, breaker]), { who: 'jane' }),
    });
    await json('POST', '/circuit-breakers/sms/reset');
    assert.deepEqual(asked, [['reset', 'sms']]);
  });
});

describe('campaignRoutes()', () => {
  const monitoring = '/api/monitoring/circuit-breakers';
  const parts = { database: 'database', n8n: 'n8n', rateLimiting: 'limits' };
  function campaign(options = {}) {
    const registry = new BreakerRegistry();
    for (const name of ['database', 'n8n', 'apollo']) registry.create(name);
    return { ...fixture({ registry, routes: campaignRoutes(parts), basePath: '/api', ...options }), registry };
  }

  it('have the paths and the shapes of the document', async () => {
    const { json, registry } = campaign();
    registry.get('n8n')?.open();
    const overview = await json('GET', monitoring);
    assert.deepEqual(
      [overview['healthy'], overview['summary'], overview['metrics']],
      [false, { total: 3, closed: 2, open: 1, halfOpen: 0 }, undefined],
    );
    assert.deepEqual((overview['circuitBreakers'] as Record<string, unknown>)['n8n'], {
      state: 'OPEN',
      healthy: false,
    });
    const detailed = (await json('GET', `${monitoring}?detailed=true`)) as {
      metrics: Record<string, { successRate: number }>;
    };
    assert.equal(detailed.metrics['database']?.successRate, 100);
    const health = await json('GET', '/api/campaign/health?metrics=true&rate_limit=true');
    assert.deepEqual([health['status'], health['resilienceScore'], health['n8n']], ['degraded', 63, 'OPEN']);
    assert.deepEqual(Object.keys(health['metrics'] as object), ['database', 'n8n', 'apollo']);
    assert.deepEqual(health['rateLimit'], { working: true, detail: null });
  });

  it('run the actions of the document, and those of the emergency procedures', async () => {
    const { json, registry, problem, recorded } = campaign();
    registry.get('n8n')?.open();
    assert.deepEqual(await json('POST', monitoring, { action: 'reset', name: 'n8n' }), {
      success: true,
      reset: ['n8n'],
    });
    assert.deepEqual(await json('POST', monitoring, { action: 'reset_all' }), {
      success: true,
      reset: ['apollo', 'database', 'n8n'],
    });
    const forced = await json('POST', monitoring, { action: 'force_open', name: 'n8n', reason: 'outage' });
    assert.deepEqual(forced, { success: true, name: 'n8n', state: 'OPEN' });
    assert.equal((await problem('POST', monitoring, { action: 'reset_everything' })).status, 422);
    assert.equal((await problem('POST', monitoring, { action: '__proto__' })).status, 422);
    assert.equal((await problem('POST', monitoring, { action: 'reset' })).status, 422);
    assert.equal((await problem('POST', monitoring, { action: 'reset_all', name: 'n8n' })).status, 422);
    assert.equal((await problem('POST', monitoring, { action: 'reset', name: 'none' })).status, 404);
    assert.equal(recorded.length, 3);
  });

  it('ask authorize about the action and the breaker of the body', async () => {
    const asked: unknown[] = [];
    const { problem, registry } = campaign({
      authorize: ({ operation, breaker }: { operation: string; breaker: string }) => {
        asked.push([operation, breaker]);
        return operation === 'reset' ? { who: 'jane' } : false;
      },
    });
    const body = { action: 'force_open', name: 'n8n', reason: 'x' };
    assert.equal((await problem('POST', monitoring, body)).status, 403);
    assert.equal(registry.get('n8n')?.override, 'NONE');
    assert.deepEqual(asked, [['forceOpen', 'n8n']]);
  });

  it('run the migration of the program', async () => {
    let runs = 0;
    const { json, recorded } = campaign({ tasks: { 'setup-circuit-breaker-tables': async () => void runs++ } });
    assert.deepEqual(await json('POST', '/api/admin/setup-circuit-breaker-tables'), { success: true });
    assert.equal(runs, 1);
    assert.equal(recorded[0]?.summary, 'jane ran the task setup-circuit-breaker-tables');
    assert.equal((await campaign().problem('POST', '/api/admin/setup-circuit-breaker-tables')).status, 404);
  });
});
