import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { serverContract } from '@fusewire/testing/server';
import type { Project } from '../packaging/project.ts';
import { built, hasEdge, hasProxy, projectOf, served } from './application.ts';
import type { Served, Variant } from './application.ts';

const variants: Record<string, Variant> = {
  'Next.js 16, Turbopack': { version: 16, bundler: 'turbopack' },
  'Next.js 16, Turbopack, cacheComponents': { version: 16, bundler: 'turbopack', config: { cacheComponents: true } },
  'Next.js 16, webpack, basePath': { version: 16, bundler: 'webpack', config: { basePath: '/shop' } },
  'Next.js 15, webpack': { version: 15, bundler: 'webpack' },
};

for (const [name, variant] of Object.entries(variants)) {
  describe(name, () => {
    let project: Project;
    let output: string;
    before(async () => {
      project = projectOf(variant);
      output = await built(project, variant);
    });
    after(() => project[Symbol.dispose]());

    serverContract({ name, requests: 2_000, start: () => served(project, variant) });

    it('computes no route while it is built', () => {
      assert.match(output, /ƒ \/states/);
      assert.doesNotMatch(output, /[○●] \/(states|report|ops|written|absent)/);
    });

    it('bundles nothing for the edge runtime that runs on Node only', () => {
      assert.doesNotMatch(output, /not supported in the Edge Runtime/);
    });

    describe('the program', () => {
      let server: Served;
      before(async () => (server = await served(project, variant)));
      after(() => server.close());

      it('starts once', async () => {
        // Next.js may say that it is ready before it has run the instrumentation.
        await stateIn(server, 'shared');
        assert.equal(server.output().split('instrumentation started').length - 1, 1);
        assert.equal(server.output().split('operations started: true').length - 1, 1);
      });

      it('has one registry for the instrumentation, routes, components, actions and the proxy', async () => {
        assert.equal(await stateIn(server, 'early'), 'CLOSED');
        await open(server, 'shared');
        assert.equal(await stateIn(server, 'shared'), 'OPEN');
        assert.match(await (await asked(server, '/state')).text(), /<pre>OPEN<\/pre>/);
        if (hasProxy(variant)) assert.equal(await (await asked(server, '/proxied')).json(), 'OPEN');
        await act(server, '/action');
        assert.equal(await stateIn(server, 'action'), 'OPEN');
      });

      it('counts notFound() in a call as no failure', async () => {
        for (let count = 0; count < 3; count += 1) assert.equal((await asked(server, '/absent')).status, 404);
        assert.equal(await stateIn(server, 'absent'), 'CLOSED');
      });

      it('flushes the event log after the response', async () => {
        assert.equal(await (await asked(server, '/written', { method: 'POST' })).json(), 0);
        await until(async () => (await (await asked(server, '/written')).json()) === 1);
      });

      it('runs on the edge runtime', { skip: !hasEdge(variant) }, async () => {
        assert.equal((await asked(server, '/edge')).status, 503);
        await until(() => server.output().includes('flushed on the edge runtime'));
      });

      it('takes a change from a page of the host that the client names', async () => {
        const { host } = new URL(server.origin);
        assert.equal(await changeFrom(server, `http://${host}`), 200);
        assert.equal(await changeFrom(server, 'http://other.example'), 403);
      });

      it('names the methods of each resource of the management API', async () => {
        const { status, headers } = await asked(server, '/ops/breakers/x/reset', { method: 'OPTIONS' });
        assert.deepEqual([status, headers.get('allow')], [204, 'POST, OPTIONS']);
      });
    });
  });
}

for (const bundler of ['turbopack', 'webpack'] as const) {
  describe(`next dev, ${bundler}, basePath`, () => {
    const variant: Variant = { version: 16, bundler, config: { basePath: '/shop' } };
    let project: Project;
    let server: Served;
    before(async () => {
      project = projectOf(variant);
      server = await served(project, variant, 'dev');
    });
    after(async () => {
      await server.close();
      project[Symbol.dispose]();
    });

    it('keeps the registry after a change of the module that creates it', async () => {
      await open(server, 'shared');
      assert.equal(await stateIn(server, 'shared'), 'OPEN');
      project.write('lib/program.js', project.read('lib/program.js').replace('version = 1', 'version = 2'));
      await until(async () => (await reportOf(server)).version === 2);
      assert.equal(await stateIn(server, 'shared'), 'OPEN');
      assert.equal(await stateIn(server, 'early'), 'CLOSED');
      assert.equal(server.output().split('instrumentation started').length - 1, 1);
    });

    it('serves the management API', async () => {
      const { status } = await asked(server, '/ops/breakers', { headers: { authorization: OPERATOR } });
      assert.equal(status, 200);
      assert.equal(await changeFrom(server, new URL(server.origin).origin), 200);
    });
  });
}

const OPERATOR = 'Bearer operator';

function asked({ origin }: Served, path: string, init?: RequestInit): Promise<Response> {
  return fetch(`${origin}${path}`, { ...init, signal: AbortSignal.timeout(60_000) });
}

/** Resolves with the state of a breaker; undefined if there is no such breaker. */
async function stateIn(server: Served, name: string): Promise<string | undefined> {
  return (await reportOf(server)).states[name];
}

/** Resolves with the states of all breakers, and the version of a module. */
async function reportOf(server: Served): Promise<{ states: Record<string, string>; version: number }> {
  return (await asked(server, '/states')).json() as never;
}

async function open(server: Served, name: string): Promise<void> {
  assert.equal((await asked(server, `/open?name=${name}`, { method: 'POST' })).status, 204);
}

/** Sends the form of a page, as a browser without scripts does. */
async function act(server: Served, path: string): Promise<void> {
  const [, action] = /name="(\$ACTION_ID_\w+)"/.exec(await (await asked(server, path)).text()) ?? [];
  const body = new FormData();
  body.set(String(action), '');
  const headers = { origin: new URL(server.origin).origin };
  assert.equal((await asked(server, path, { method: 'POST', headers, body })).status, 200);
}

/** Resolves with the status of a change that a page of `origin` sends. */
async function changeFrom(server: Served, origin: string): Promise<number> {
  const headers = { authorization: OPERATOR, 'content-type': 'application/json', origin };
  const body = JSON.stringify({ reason: 'a test' });
  return (await asked(server, '/ops/breakers/healthy/force-open', { method: 'POST', headers, body })).status;
}

/** Resolves once a condition holds. */
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 60_000;
  while (!(await holds())) {
    assert.ok(performance.now() < end, 'the condition does not hold');
    await delay(100);
  }
}
