import assert from 'node:assert/strict';
import type { Task } from '../task.ts';

interface Solution {
  pay(): Promise<string>;
  open(): void;
}

export const task: Task<Solution> = {
  title: 'Test what my code does while the circuit is open',
  ideal: 2,
  async check(_, { pay, open }) {
    assert.equal(await pay(), 'paid');
    open();
    await assert.rejects(pay(), /open|prevented/i);
  },
};
