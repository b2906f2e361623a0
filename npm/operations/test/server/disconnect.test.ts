import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import type { ServerResponse } from 'node:http';
import { disconnectSignal, isDisconnect } from '@fusewire/operations/server';

/** Returns a promise, and the function that resolves it. */
function deferred<T>(): { promise: Promise<T>; resolve(value: T): void } {
  let resolve!: (value: T) => void;
  return { promise: new Promise<T>((settle) => (resolve = settle)), resolve };
}

describe('disconnectSignal()', () => {
  const servers: ReturnType<typeof createServer>[] = [];
  afterEach(() => servers.splice(0).forEach((server) => server.close()));

  async function served(answer: (response: ServerResponse) => void): Promise<string> {
    const server = createServer((_, response) => answer(response));
    servers.push(server);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it('aborts if the client goes before the response is complete, with a reason that isDisconnect() knows', async () => {
    const { promise: aborted, resolve } = deferred<unknown>();
    const origin = await served((response) => {
      const signal = disconnectSignal(response);
      signal.addEventListener('abort', () => resolve(signal.reason));
      request.destroy();
    });
    const request = get(origin).on('error', () => undefined);
    const reason = await aborted;
    assert.ok(isDisconnect(reason));
    assert.equal((reason as Error).name, 'AbortError');
    assert.ok(!isDisconnect(new DOMException('x', 'AbortError')) && !isDisconnect(null));
  });

  it('does not abort if the response is complete', async () => {
    const closed = deferred<AbortSignal>();
    const origin = await served((response) => {
      const signal = disconnectSignal(response);
      response.on('close', () => closed.resolve(signal));
      response.end('done');
    });
    assert.equal(await (await fetch(origin)).text(), 'done');
    assert.equal((await closed.promise).aborted, false);
  });

  it('is one signal for each response, aborted already if the client went before it was asked for', async () => {
    const closed = deferred<ServerResponse>();
    const origin = await served((response) => {
      assert.equal(disconnectSignal(response), disconnectSignal(response));
      response.end();
    });
    await fetch(origin);
    const late = await served((response) => {
      response.on('close', () => closed.resolve(response));
      request.destroy();
    });
    const request = get(late).on('error', () => undefined);
    const response = await closed.promise;
    assert.equal(disconnectSignal(response).aborted, true);
  });
});
