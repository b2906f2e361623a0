import assert from 'node:assert/strict';
import { failing } from '../support.ts';
import type { Task } from '../task.ts';

interface Solution {
  ask(tenant: string, work: () => Promise<string>): Promise<string>;
}

export const task: Task<Solution> = {
  title: 'Give each tenant a breaker of its own',
  ideal: 1,
  async check(_, { ask }) {
    for (let calls = 0; calls < 10; calls++) await ask('one', failing).catch(() => undefined);
    await assert.rejects(
      ask('one', () => Promise.resolve('answer')),
      /open/i,
    );
    assert.equal(await ask('two', () => Promise.resolve('answer')), 'answer');
  },
};
