import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { it } from 'node:test';
import { protectedFetch } from '@fusewire/http';
import { turn } from '../../../../tests/clients/support.ts';

const request = new AsyncLocalStorage<string>();

it('each attempt of a protectedFetch runs in the asynchronous context of its own request', async (test) => {
  test.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const seen: string[] = [];
  const get = protectedFetch({
    fetch: async (input) => {
      const owner = new URL(String((input as Request).url ?? input)).pathname.slice(1);
      seen.push(`${owner} ran for ${request.getStore()}`);
      return new Response('busy', { status: 503 });
    },
    breaker: { failureThreshold: 100 },
  });
  const owners = ['alice', 'bob', 'carol'];
  const done = Promise.all(owners.map((owner) => request.run(owner, () => get(`http://127.0.0.1/${owner}`))));
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
