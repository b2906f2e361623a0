import assert from 'node:assert/strict';
import { failing } from '../support.ts';
import type { Task } from '../task.ts';

interface Solution {
  ask(work: () => Promise<string>): Promise<string>;
  whyOf(error: unknown): string | undefined;
}

export const task: Task<Solution> = {
  title: 'Say why the circuit opened',
  ideal: 2,
  async check(_, { ask, whyOf }) {
    for (let calls = 0; calls < 10; calls++) await ask(failing).catch(() => undefined);
    const why = await ask(failing).then(() => undefined, whyOf);
    assert.match(why ?? '', /down/);
  },
};
