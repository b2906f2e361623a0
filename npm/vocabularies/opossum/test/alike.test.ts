// What programs may lean on although no documentation says it: each runs with opossum and here, and has to end alike.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { it } from 'node:test';
import { CircuitBreaker } from '@fusewire/opossum';
import type { Options } from '@fusewire/opossum';
import { advance, useFakeTime } from './fake-time.ts';

type BreakerClass = typeof CircuitBreaker;

const Opossum = createRequire(import.meta.url)('opossum') as BreakerClass;

useFakeTime();

/** Runs the same with both. */
function alike(what: string, program: (Breaker: BreakerClass) => unknown): void {
  it(what, async () => {
    const expected = await program(Opossum);
    assert.notEqual(expected, undefined);
    assert.deepEqual(await program(CircuitBreaker), expected);
  });
}

const succeed = async (): Promise<string> => 'value';
const fail = async (): Promise<string> => {
  throw new Error('failed');
};
const HALF_OPEN: Options = { state: { enabled: true, closed: false, halfOpen: true } };

alike('the class has its name, and one parameter that must be given', (Breaker) => [Breaker.name, Breaker.length]);

alike('a breaker has its action', (Breaker) => new Breaker(succeed).action === succeed);

alike('a breaker runs through the `call` of a class that extends it', async (Breaker) => {
  class Noting extends Breaker<[], string> {
    override async call(context: unknown): Promise<string> {
      return `${typeof context} ${await super.call(context)}`;
    }
  }
  return new Noting(succeed).fire();
});

alike('a name may be as long as it likes', async (Breaker) => {
  const name = 'https://stock.example/'.repeat(20);
  const named = new Breaker(succeed, { name });
  const after = new Breaker(Object.defineProperty(async () => 1, 'name', { value: name }));
  return [await named.fire(), named.name, named.group, after.name];
});

alike('options may be inherited', (Breaker) => {
  const { name, options } = new Breaker(succeed, Object.create({ name: 'stock', timeout: 7 }) as Options);
  return [name, options.timeout];
});

for (const [what, action, options] of [
  ['succeeds', succeed, {}],
  ['fails, and is filtered', fail, { errorFilter: () => true }],
  ['fails', fail, {}],
] as const) {
  alike(`listeners hear in order of a probe that ${what}`, async (Breaker) => {
    const breaker = new Breaker<[], string>(action, { ...HALF_OPEN, ...options });
    const heard: unknown[] = [];
    for (const event of ['fire', 'success', 'failure', 'open', 'close'] as const) {
      breaker.on(event, () => heard.push([event, breaker.opened, breaker.closed]));
    }
    await breaker.fire().catch(() => heard.push('rejected'));
    return heard;
  });
}

alike('a breaker is shut down when its listeners have heard of it', async (Breaker) => {
  const breaker = new Breaker(succeed);
  const seen: unknown[] = [];
  breaker.on('shutdown', () => seen.push(breaker.isShutdown, breaker.enabled, breaker.fire()));
  breaker.shutdown();
  return [await Promise.all(seen), breaker.isShutdown, breaker.enabled];
});

alike('a listener that is put first gets snapshots', async (Breaker) => {
  const breaker = new Breaker(succeed, { rollingCountBuckets: 1, rollingCountTimeout: 10 });
  let snapshots = 0;
  breaker.status.prependListener('snapshot', () => snapshots++);
  await advance(35);
  breaker.shutdown();
  return snapshots;
});

for (const option of ['cache', 'coalesce'] as const) {
  alike(`${option}: a key may be anything`, async (Breaker) => {
    const keys = [undefined, null, 5, ''] as unknown[] as string[];
    const answers = keys.map(async (key) => {
      const breaker = new Breaker(async (value: number) => value, { [option]: true, cacheGetKey: () => key });
      return [await breaker.fire(1), await breaker.fire(2)];
    });
    return Promise.all(answers);
  });
}
