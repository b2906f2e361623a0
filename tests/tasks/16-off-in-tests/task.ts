import assert from 'node:assert/strict';
import { failing } from '../support.ts';
import type { Task } from '../task.ts';

interface Solution {
  create(environment: string): { call(work: () => Promise<string>): Promise<string> };
}

export const task: Task<Solution> = {
  title: 'Switch the breaker off in tests',
  ideal: 2,
  async check(_, { create }) {
    const [tested, live] = [create('test'), create('production')];
    for (let calls = 0; calls < 20; calls++) await assert.rejects(tested.call(failing), /down/);
    for (let calls = 0; calls < 20; calls++) await live.call(failing).catch(() => undefined);
    await assert.rejects(live.call(failing), /open/i);
  },
};
