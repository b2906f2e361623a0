import assert from 'node:assert/strict';
import { failing } from '../support.ts';
import type { Task } from '../task.ts';

interface Solution {
  call(name: string, work: () => Promise<string>): Promise<string>;
  health(): unknown;
}

export const task: Task<Solution> = {
  title: 'Show the state of every breaker at /health',
  ideal: 2,
  async check(_, { call, health }) {
    await call('users', () => Promise.resolve('answer'));
    for (let calls = 0; calls < 10; calls++) await call('orders', failing).catch(() => undefined);
    const published = JSON.stringify(health());
    assert.match(published, /"orders":[^}]*open/i);
    assert.match(published, /"users":[^}]*closed/i);
  },
};
