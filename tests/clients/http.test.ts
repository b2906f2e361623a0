/** Tests the classification of errors that real HTTP clients throw. */
import assert from 'node:assert/strict';
import { get as getOverNode } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { get as getOverTls } from 'node:https';
import { after, before, describe, it } from 'node:test';
import { http, httpErrorKind, toHttpError } from '@fusewire/http';
import type { AnyResponse, ErrorKind } from '@fusewire/http';
import axios from 'axios';
import got from 'got';
import * as undici6 from 'undici-6';
import * as undici7 from 'undici-7';
import * as undici8 from 'undici-8';
import { now, startFaultyServer } from './faulty-server.ts';
import type { FaultyServer } from './faulty-server.ts';

/** Longest time in milliseconds until a response: far more than a busy machine needs. */
const MAX_WAIT = 30_000;
/** Timeout in milliseconds of a client whose request hangs. */
const SHORT_TIMEOUT = 60;

/** Options of a request. */
interface ClientOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds until the client gives up. Default {@link MAX_WAIT}. */
  readonly timeout?: number;
}

/** Sends a GET, reads the response to its end, and resolves with the response; or rejects. */
type Client = (url: string, options?: ClientOptions) => Promise<AnyResponse>;

const clients: Readonly<Record<string, Client>> = {
  fetch: clientOf(fetch),
  ...Object.fromEntries(
    Object.entries({ 'undici 6': undici6, 'undici 7': undici7, 'undici 8': undici8 }).flatMap(([name, undici]) => [
      [`fetch of ${name}`, clientOf(undici.fetch as unknown as typeof fetch)],
      [
        `request of ${name}`,
        async (url: string, { signal, timeout = MAX_WAIT }: ClientOptions = {}) => {
          const dispatcher = new undici.Agent({ headersTimeout: timeout });
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
      (url: string, { signal, timeout = MAX_WAIT }: ClientOptions = {}) =>
        axios.get(url, { adapter, timeout, maxRedirects: 3, ...(signal ? { signal } : {}) }),
    ]),
  ),
  got: async (url, { signal, timeout = MAX_WAIT } = {}) =>
    got(url, { retry: { limit: 0 }, timeout: { request: timeout }, ...(signal ? { signal } : {}) }),
  'node:http': (url, { signal, timeout = MAX_WAIT } = {}) =>
    new Promise((resolve, reject) => {
      const get = url.startsWith('https:') ? getOverTls : getOverNode;
      get(url, { signal: signal ?? AbortSignal.timeout(timeout) }, (response: IncomingMessage) => {
        response
          .resume()
          .on('error', reject)
          .on('end', () => resolve(response));
      }).on('error', reject);
    }),
};

function clientOf(send: typeof fetch): Client {
  return async (url, { signal, timeout = MAX_WAIT } = {}) => {
    const response = await send(url, { signal: signal ?? AbortSignal.timeout(timeout) });
    await response.text();
    return response;
  };
}

const classify = http({}, { now });

let server: FaultyServer;
before(async () => void (server = await startFaultyServer()));
after(() => server[Symbol.asyncDispose]());

/** Returns the kind and the verdict of the error that a call rejects with, or of the error for its response. */
async function classification(call: Promise<AnyResponse>): Promise<readonly [ErrorKind | undefined, unknown]> {
  const outcome = await call.then(
    (value) => {
      const error = toHttpError(value, now);
      return error === undefined ? { value } : { error };
    },
    (error: unknown) => ({ error }),
  );
  const verdict = classify(outcome);
  // Whether a retry repeats the request depends on the code that the client reports.
  const isPlain = typeof verdict === 'object' && verdict.openFor === undefined;
  return ['error' in outcome ? httpErrorKind(outcome.error) : undefined, isPlain ? verdict.verdict : verdict];
}

/** Expected kind and verdict, and the call, for each fault. */
const faults: Readonly<Record<string, readonly [ErrorKind, unknown, (client: Client) => Promise<AnyResponse>]>> = {
  'a refused connection': ['network', 'failure', (get) => get(server.deadUrl)],
  'a reset': ['network', 'failure', (get) => get(`${server.url}/reset`)],
  'a closed connection': ['network', 'failure', (get) => get(`${server.url}/close`)],
  'a body that breaks': ['network', 'failure', (get) => get(`${server.url}/short`)],
  'a response that is not HTTP': ['network', 'failure', (get) => get(`${server.url}/garbage`)],
  'a server without TLS': ['network', 'failure', (get) => get(server.url.replace('http:', 'https:'))],
  'an unknown host': ['network', 'failure', (get) => get('http://no..host/')],
  'a server that hangs': ['timeout', 'failure', (get) => get(`${server.url}/hang`, { timeout: SHORT_TIMEOUT })],
  "a timeout of the caller's signal": [
    'timeout',
    'failure',
    (get) => get(`${server.url}/hang`, { signal: AbortSignal.timeout(20) }),
  ],
  'an abort by the caller': ['aborted', 'ignore', (get) => get(`${server.url}/hang`, { signal: abortSoon() })],
  '500': ['server', 'failure', (get) => get(`${server.url}/500`)],
  '503 with Retry-After in seconds': [
    'server',
    { verdict: 'failure', openFor: 7_000, retryAfter: 7_000 },
    (get) => get(`${server.url}/seconds`),
  ],
  '429 with Retry-After as a date': [
    'rate-limit',
    { verdict: 'failure', openFor: 9_000, retryAfter: 9_000 },
    (get) => get(`${server.url}/date`),
  ],
  '404': ['client', 'ignore', (get) => get(`${server.url}/404`)],
};

/** axios hides the reason of an abort. `@fusewire/axios` adds it. */
const withoutReason = { "a timeout of the caller's signal": ['aborted', 'ignore'] } as const;
/** Expected kinds and verdicts of clients that differ. */
const exceptions: Readonly<Record<string, Readonly<Record<string, readonly [ErrorKind, unknown]>>>> = {
  'axios over http': withoutReason,
  'axios over fetch': withoutReason,
};

function abortSoon(): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 20);
  return controller.signal;
}

for (const [name, client] of Object.entries(clients)) {
  describe(`httpErrorKind() and classify() with ${name}`, () => {
    for (const [fault, [kind, verdict, call]] of Object.entries(faults)) {
      const expected = exceptions[name]?.[fault] ?? [kind, verdict];
      it(`classify ${fault} as ${expected[0]}`, async () =>
        assert.deepEqual(await classification(call(client)), expected));
    }
    it('leave a successful response undecided', async () => {
      assert.deepEqual(await classification(client(`${server.url}/200`)), [undefined, undefined]);
    });
  });
}

describe('httpErrorKind() and classify()', () => {
  for (const name of ['axios over http', 'got']) {
    it(`classify a redirect loop with ${name} as limit`, async () => {
      assert.deepEqual(await classification((clients[name] as Client)(`${server.url}/round`)), ['limit', 'ignore']);
    });
  }

  for (const name of ['fetch', 'axios over http', 'got']) {
    it(`classify an invalid address with ${name} as invalid`, async () => {
      assert.deepEqual(await classification((clients[name] as Client)('no address')), ['invalid', 'ignore']);
    });
  }
});
