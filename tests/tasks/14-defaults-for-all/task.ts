import assert from 'node:assert/strict';
import { failing } from '../support.ts';
import type { Task } from '../task.ts';

interface Solution {
  call(name: string, work: () => Promise<string>): Promise<string>;
}

export const task: Task<Solution> = {
  title: 'Set defaults for all breakers',
  ideal: 1,
  async check(_, { call }) {
    for (const name of ['users', 'orders']) {
      for (let calls = 0; calls < 3; calls++) await assert.rejects(call(name, failing), /down/);
      await assert.rejects(
        call(name, () => Promise.resolve('answer')),
        /open/i,
      );
    }
  },
};
