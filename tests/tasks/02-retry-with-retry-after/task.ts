import assert from 'node:assert/strict';
import { serve } from '../support.ts';
import type { Task } from '../task.ts';

interface Solution {
  ask(url: string): Promise<Response>;
}

export const task: Task<Solution> = {
  title: 'Retry, and wait as long as Retry-After says',
  ideal: 1,
  async check(t, { ask }) {
    const service = await serve(t, (_, response) => {
      if (service.requests.length > 1) response.end('done');
      else response.writeHead(429, { 'Retry-After': '1' }).end();
    });
    assert.equal(await (await ask(service.url)).text(), 'done');
    const [first = 0, second = 0] = service.requests;
    assert.ok(second - first >= 990, `the second request came ${second - first} ms after the first`);
  },
};
