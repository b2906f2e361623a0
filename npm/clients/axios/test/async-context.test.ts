import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { it } from 'node:test';
import { protect } from '@fusewire/axios';
import axios, { AxiosError } from 'axios';
import type { AxiosAdapter, AxiosResponse } from 'axios';
import { turn } from '../../../../tests/clients/support.ts';

const request = new AsyncLocalStorage<string>();

it('each attempt of a protected axios runs in the asynchronous context of its own request', async (test) => {
  test.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const seen: string[] = [];
  const adapter: AxiosAdapter = async (config) => {
    const owner = new URL(String(config.url)).pathname.slice(1);
    seen.push(`${owner} ran for ${request.getStore()}`);
    const response = { status: 503, statusText: '', headers: {}, config, data: 'busy' } as unknown as AxiosResponse;
    throw new AxiosError('status 503', 'ERR_BAD_RESPONSE', config, undefined, response);
  };
  const client = protect(axios.create({ adapter }), { breaker: { failureThreshold: 100 } });
  const owners = ['alice', 'bob', 'carol'];
  const done = Promise.allSettled(
    owners.map((owner) => request.run(owner, () => client.get(`http://127.0.0.1/${owner}`))),
  );
  for (let passed = 0; passed < 60_000; passed += 500) {
    await turn();
    test.mock.timers.tick(500);
  }
  await done;
  assert.ok(seen.length > owners.length, 'each request has several attempts');
  assert.deepEqual(
    seen.filter((line) => !/^(\w+) ran for \1$/.test(line)),
    [],
  );
});
