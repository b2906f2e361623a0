import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Task } from '../task.ts';

interface Solution {
  ask(work: () => Promise<string>): Promise<string>;
}

export const task: Task<Solution> = {
  title: 'Share one circuit between worker threads',
  ideal: 1,
  async check(_, { ask }, file) {
    const worker = new Worker(new URL('failing-worker.ts', import.meta.url), { workerData: file });
    const [code] = await once(worker, 'exit');
    assert.equal(code, 0);
    await assert.rejects(
      ask(() => Promise.resolve('answer')),
      /open/i,
    );
  },
};
