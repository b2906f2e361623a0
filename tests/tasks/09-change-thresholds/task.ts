import assert from 'node:assert/strict';
import { failing } from '../support.ts';
import type { Task } from '../task.ts';

interface Solution {
  ask(work: () => Promise<string>): Promise<string>;
  tighten(): void;
}

export const task: Task<Solution> = {
  title: 'Change the thresholds of a running breaker',
  ideal: 2,
  async check(_, { ask, tighten }) {
    const answer = () => Promise.resolve('answer');
    const half = [answer, answer, failing, answer, failing, failing];
    for (const work of half) await ask(work).catch(() => undefined);
    assert.equal(await ask(answer), 'answer', 'half of the calls may fail');
    tighten();
    await ask(failing).catch(() => undefined);
    await assert.rejects(ask(answer), /open/i, 'a fifth of the calls may fail');
  },
};
