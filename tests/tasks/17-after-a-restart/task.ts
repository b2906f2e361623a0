import assert from 'node:assert/strict';
import { failing } from '../support.ts';
import type { Task } from '../task.ts';

interface Breaker {
  call(work: () => Promise<string>): Promise<string>;
  save(): string;
}

interface Solution {
  create(saved?: string): Breaker;
}

export const task: Task<Solution> = {
  title: 'Keep the state over a restart',
  ideal: 3,
  async check(_, { create }) {
    const before = create();
    for (let calls = 0; calls < 10; calls++) await before.call(failing).catch(() => undefined);
    const after = create(before.save());
    await assert.rejects(
      after.call(() => Promise.resolve('answer')),
      /open/i,
    );
  },
};
