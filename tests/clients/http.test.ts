/** What the real clients throw, and what it means. */
import assert from 'node:assert/strict';
import { get as getOverNode } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { get as getOverTls } from 'node:https';
import { after, before, describe, it } from 'node:test';
import { http, kindOf, responseErrorOf } from '@fusewire/http';
import type { AnyResponse, ErrorKind } from '@fusewire/http';
import axios from 'axios';
import got from 'got';
import * as undici6 from 'undici-6';
import * as undici7 from 'undici-7';
import * as undici8 from 'undici-8';
import { now, startFaults } from './faults.ts';
import type { Faults } from './faults.ts';

/** Milliseconds that a client waits, where it can be told. */
const PATIENCE = 60;

/** Sends a GET, reads the answer to its end, and resolves with it; or rejects. */
type Client = (url: string, signal?: AbortSignal) => Promise<AnyResponse>;

const clients: Readonly<Record<string, Client>> = {
  fetch: readsFetch(fetch),
  ...Object.fromEntries(
    Object.entries({ 'undici 6': undici6, 'undici 7': undici7, 'undici 8': undici8 }).flatMap(([name, undici]) => [
      [`fetch of ${name}`, readsFetch(undici.fetch as unknown as typeof fetch)],
      [
        `request of ${name}`,
        async (url: string, signal?: AbortSignal) => {
          const dispatcher = new undici.Agent({ headersTimeout: PATIENCE });
          const response = await undici.request(url, { dispatcher, ...(signal ? { signal } : {}) } as never);
          await response.body.text();
          return response;
        },
      ],
    ]),
  ),
  ...Object.fromEntries(
    (['http', 'fetch'] as const).map((adapter) => [
      `axios over ${adapter}`,
      (url: string, signal?: AbortSignal) => {
        return axios.get(url, { adapter, timeout: PATIENCE, maxRedirects: 3, ...(signal ? { signal } : {}) });
      },
    ]),
  ),
  got: async (url, signal) =>
    got(url, { retry: { limit: 0 }, timeout: { request: PATIENCE }, ...(signal ? { signal } : {}) }),
  'node:http': (url, signal) =>
    new Promise((resolve, reject) => {
      const get = url.startsWith('https:') ? getOverTls : getOverNode;
      get(url, { signal: signal ?? AbortSignal.timeout(PATIENCE * 10) }, (response: IncomingMessage) => {
        response
          .resume()
          .on('error', reject)
          .on('end', () => resolve(response));
      }).on('error', reject);
    }),
};

function readsFetch(send: typeof fetch): Client {
  return async (url, signal) => {
    const response = await send(url, { signal: signal ?? AbortSignal.timeout(PATIENCE * 10) });
    await response.text();
    return response;
  };
}

const { classify } = http({ now }).breaker;

let faults: Faults;
before(async () => void (faults = await startFaults()));
after(() => faults[Symbol.asyncDispose]());

/** What a call comes to: the kind of its error and the verdict on it; of an answer, those of the error that it stands for. */
async function meaning(call: Promise<AnyResponse>): Promise<readonly [ErrorKind | undefined, unknown]> {
  const error = await call.then(
    (response) => responseErrorOf(response, now),
    (reason: unknown) => reason,
  );
  return [kindOf(error), classify(error)];
}

const situations: Readonly<Record<string, readonly [ErrorKind, unknown, (client: Client) => Promise<AnyResponse>]>> = {
  'a refused connection': ['network', 'failure', (get) => get(faults.dead)],
  'a reset': ['network', 'failure', (get) => get(`${faults.url}/reset`)],
  'a connection that is closed': ['network', 'failure', (get) => get(`${faults.url}/close`)],
  'a body that breaks off': ['network', 'failure', (get) => get(`${faults.url}/short`)],
  'no HTTP': ['network', 'failure', (get) => get(`${faults.url}/garbage`)],
  'no TLS': ['network', 'failure', (get) => get(faults.url.replace('http:', 'https:'))],
  'a name that is none': ['network', 'failure', (get) => get('http://no..host/')],
  'a server that hangs': ['timeout', 'failure', (get) => get(`${faults.url}/hang`)],
  'a timeout of the caller': ['timeout', 'failure', (get) => get(`${faults.url}/hang`, AbortSignal.timeout(20))],
  'a caller that leaves': ['aborted', 'ignore', (get) => get(`${faults.url}/hang`, leaving())],
  '500': ['server', 'failure', (get) => get(`${faults.url}/500`)],
  '503 with Retry-After in seconds': ['server', { openFor: 7_000 }, (get) => get(`${faults.url}/seconds`)],
  '429 with Retry-After as a date': ['rate-limit', { openFor: 9_000 }, (get) => get(`${faults.url}/date`)],
  '404': ['client', 'ignore', (get) => get(`${faults.url}/404`)],
};

/** axios does not say why a caller left. `@fusewire/axios` does. */
const untold = { 'a timeout of the caller': ['aborted', 'ignore'] } as const;
/** What is otherwise. */
const others: Readonly<Record<string, Readonly<Record<string, readonly [ErrorKind, unknown]>>>> = {
  'axios over http': untold,
  'axios over fetch': untold,
};

function leaving(): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 20);
  return controller.signal;
}

for (const [name, client] of Object.entries(clients)) {
  describe(name, () => {
    for (const [what, [kind, verdict, call]] of Object.entries(situations)) {
      const expected = others[name]?.[what] ?? [kind, verdict];
      it(`${what}: ${expected[0]}`, async () => assert.deepEqual(await meaning(call(client)), expected));
    }
    it('an answer: nothing', async () => {
      assert.deepEqual(await meaning(client(`${faults.url}/200`)), [undefined, undefined]);
    });
  });
}

describe('redirects in a circle', () => {
  for (const name of ['axios over http', 'got']) {
    it(`${name}: limit`, async () => {
      assert.deepEqual(await meaning((clients[name] as Client)(`${faults.url}/round`)), ['limit', 'ignore']);
    });
  }
});

describe('an address that is none', () => {
  for (const name of ['fetch', 'axios over http', 'got']) {
    it(`${name}: invalid`, async () => {
      assert.deepEqual(await meaning((clients[name] as Client)('no address')), ['invalid', 'ignore']);
    });
  }
});
