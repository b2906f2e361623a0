import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import type { TestContext } from 'node:test';
import { turn } from './support.ts';

const request = new AsyncLocalStorage<string>();
const OWNERS = ['alice', 'bob', 'carol'];

/** Notes the request in whose asynchronous context an attempt runs. The path of the URL names the request it belongs to. */
export type NoteAttempt = (url: string) => void;

/** Makes a call in each of three requests, and asserts that each attempt runs in the asynchronous context of its own request. */
export async function assertAttemptsKeepContext(
  test: TestContext,
  createClient: (note: NoteAttempt) => (url: string) => Promise<unknown>,
): Promise<void> {
  test.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const seen: string[] = [];
  const get = createClient((url) => seen.push(`${new URL(url).pathname.slice(1)} ran for ${request.getStore()}`));
  const done = Promise.allSettled(OWNERS.map((owner) => request.run(owner, () => get(`http://127.0.0.1/${owner}`))));
  for (let passed = 0; passed < 60_000; passed += 500) {
    await turn();
    test.mock.timers.tick(500);
  }
  await done;
  assert.ok(seen.length > OWNERS.length, 'each request has several attempts');
  assert.deepEqual(
    seen.filter((line) => !/^(\w+) ran for \1$/.test(line)),
    [],
  );
}
