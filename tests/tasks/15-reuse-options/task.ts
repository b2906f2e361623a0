import assert from 'node:assert/strict';
import { failing } from '../support.ts';
import type { Task } from '../task.ts';

interface Solution {
  askUsers(work: () => Promise<string>): Promise<string>;
  askOrders(work: () => Promise<string>): Promise<string>;
}

export const task: Task<Solution> = {
  title: 'Use the same options for two breakers',
  ideal: 3,
  async check(_, { askUsers, askOrders }) {
    for (let calls = 0; calls < 3; calls++) await assert.rejects(askUsers(failing), /down/);
    await assert.rejects(
      askUsers(() => Promise.resolve('answer')),
      /open/i,
    );
    assert.equal(await askOrders(() => Promise.resolve('answer')), 'answer');
  },
};
