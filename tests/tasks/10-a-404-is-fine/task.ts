import assert from 'node:assert/strict';
import { serve } from '../support.ts';
import type { Task } from '../task.ts';

interface Solution {
  ask(url: string): Promise<Response>;
}

export const task: Task<Solution> = {
  title: 'Count a 404 as a success',
  ideal: 1,
  async check(t, { ask }) {
    let status = 404;
    const service = await serve(t, (_, response) => response.writeHead(status).end());
    for (let calls = 0; calls < 10; calls++) assert.equal((await ask(service.url)).status, 404);
    status = 500;
    for (let calls = 0; calls < 20; calls++) await ask(service.url).catch(() => undefined);
    await assert.rejects(ask(service.url), /open/i);
  },
};
