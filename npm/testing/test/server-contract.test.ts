import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { management, nodeListener } from '@fusewire/operations/management';
import { disconnectSignal, refusalOf, shutDown } from '@fusewire/operations/server';
import { contractProgram, serverContract } from '@fusewire/testing/server';
import type { ServerAdapter, TestRunner } from '@fusewire/testing/server';

/** Parts of a server that a planted bug replaces. */
interface Parts {
  signalOf: (response: ServerResponse) => AbortSignal | undefined;
  refuse: (error: unknown, response: ServerResponse) => boolean;
  isAllowed: (basePath: string) => boolean;
  isGraceful: boolean;
}

const SOUND: Parts = {
  signalOf: disconnectSignal,
  refuse: (error, response) => {
    const refused = refusalOf(error);
    if (refused) response.writeHead(refused.status, refused.headers).end(JSON.stringify(refused.document));
    return refused !== undefined;
  },
  isAllowed: () => true,
  isGraceful: true,
};

/** Returns the adapter of a server of Node without a framework. */
function plain(name: string, parts: Partial<Parts> = {}): ServerAdapter {
  const { signalOf, refuse, isAllowed, isGraceful } = { ...SOUND, ...parts };
  return {
    name,
    requests: 1_000,
    async start(basePath) {
      const program = contractProgram();
      const handler = management({ ...program.management, basePath });
      const managed = nodeListener(handler);
      const server = createServer((request, response) => void answer(request, response));
      await once(server.listen(0, '127.0.0.1'), 'listening');
      const { port } = server.address() as AddressInfo;
      return { origin: `http://127.0.0.1:${port}`, close };

      async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const [, route, kind = ''] = (request.url ?? '').split('/');
        if (route !== 'work' && route !== 'report' && isAllowed(basePath)) return managed(request, response);
        try {
          const result = route === 'report' ? program.report() : program.work(kind, signalOf(response));
          response.setHeader('content-type', 'application/json').end(JSON.stringify(await result));
        } catch (error) {
          if (!refuse(error, response)) response.writeHead(500).end();
        }
      }

      async function close(): Promise<void> {
        if (!isGraceful) server.closeAllConnections();
        await shutDown(server, { management: [handler], grace: isGraceful ? 5_000 : 1 });
      }
    },
  };
}

serverContract(plain('Node'));

/** Resolves with the names of the tests of the contract that fail with an adapter. */
async function failuresOf(adapter: ServerAdapter): Promise<string[]> {
  const failed: string[] = [];
  const groups: (() => Promise<void>)[] = [];
  serverContract(adapter, collector(groups, failed));
  for (const run of groups) await run();
  return failed;
}

/** Returns a runner that collects the groups of tests instead of running them. */
function collector(groups: (() => Promise<void>)[], failed: string[]): TestRunner {
  let [prepare, cleanUp]: (() => unknown)[] = [() => undefined, () => undefined];
  let tests: [string, () => void | Promise<void>][] = [];
  return {
    describe: (_, declare) => {
      [prepare, cleanUp, tests] = [() => undefined, () => undefined, []];
      declare();
      const [its, first, last] = [tests, prepare, cleanUp];
      groups.push(async () => {
        await first?.();
        for (const [name, test] of its) await Promise.resolve(test()).catch(() => failed.push(name));
        await last?.();
      });
    },
    it: (name, test) => tests.push([name, async () => test()]),
    before: (then) => (prepare = then),
    after: (then) => (cleanUp = then),
  };
}

describe('serverContract()', { concurrency: true }, () => {
  const bugs: [string, Partial<Parts>, RegExp][] = [
    ['no signal', { signalOf: () => undefined }, /aborts the work of a request/],
    ['no refusals', { refuse: () => false }, /answers 503 .* an open circuit/],
    [
      'half seconds',
      {
        refuse: (error, response) => {
          const refused = refusalOf(error);
          if (refused === undefined) return false;
          const headers = { ...refused.headers, 'retry-after': '0.5' };
          response.writeHead(refused.status, headers).end(JSON.stringify(refused.document));
          return true;
        },
      },
      /answers 503 .* a full bulkhead/,
    ],
    ['no management at the root', { isAllowed: (basePath) => basePath !== '' }, /lists the breakers/],
    ['requests are cut off', { isGraceful: false }, /lets a request in flight end/],
  ];
  for (const [bug, parts, expected] of bugs) {
    it(`finds a planted bug: ${bug}`, { timeout: 120_000 }, async () => {
      const failed = await failuresOf(plain(bug, parts));
      assert.ok(
        failed.some((name) => expected.test(name)),
        JSON.stringify(failed),
      );
    });
  }
});
