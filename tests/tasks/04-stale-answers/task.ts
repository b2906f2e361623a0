import assert from 'node:assert/strict';
import type { Task } from '../task.ts';

interface Solution {
  ask(currency: string, fetchRate: (currency: string) => Promise<number>): Promise<number>;
}

export const task: Task<Solution> = {
  title: 'Answer with the last good value while the service is down',
  ideal: 1,
  async check(_, { ask }) {
    const down = () => Promise.reject(new Error('down'));
    await assert.rejects(ask('EUR', down), /down/);
    assert.equal(await ask('EUR', () => Promise.resolve(1.08)), 1.08);
    assert.equal(await ask('EUR', down), 1.08);
    await assert.rejects(ask('KES', down), /down/);
  },
};
