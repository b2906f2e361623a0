import assert from 'node:assert/strict';
import type { Task } from '../task.ts';

interface Solution {
  read(source: () => AsyncIterable<string>): AsyncIterable<string>;
}

export const task: Task<Solution> = {
  title: 'Protect a stream: it has failed if it breaks off',
  ideal: 1,
  async check(_, { read }) {
    assert.deepEqual(await itemsOf(read(complete)), ['one', 'two']);
    for (let calls = 0; calls < 10; calls++) await itemsOf(read(broken)).catch(() => undefined);
    await assert.rejects(itemsOf(read(complete)), /open/i);
  },
};

async function* complete(): AsyncIterable<string> {
  yield 'one';
  yield 'two';
}

async function* broken(): AsyncIterable<string> {
  yield 'one';
  throw new Error('the connection broke');
}

async function itemsOf(source: AsyncIterable<string>): Promise<string[]> {
  const items = [];
  for await (const item of source) items.push(item);
  return items;
}
