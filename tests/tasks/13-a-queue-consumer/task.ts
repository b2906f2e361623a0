import assert from 'node:assert/strict';
import { failing } from '../support.ts';
import type { Task } from '../task.ts';

interface Solution {
  handle(message: () => Promise<string>): Promise<string>;
  ready(signal: AbortSignal): Promise<void>;
}

export const task: Task<Solution> = {
  title: 'Stop a queue consumer while the circuit is open',
  ideal: 2,
  async check(_, { handle, ready }) {
    const { signal } = new AbortController();
    await ready(signal);
    for (let calls = 0; calls < 10; calls++) await handle(failing).catch(() => undefined);
    await assert.rejects(
      handle(() => Promise.resolve('handled')),
      /open/i,
    );
    await ready(signal);
    assert.equal(await handle(() => Promise.resolve('handled')), 'handled');
  },
};
