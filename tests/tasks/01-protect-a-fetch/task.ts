import assert from 'node:assert/strict';
import { serve } from '../support.ts';
import type { Task } from '../task.ts';

interface Solution {
  ask(url: string): Promise<Response>;
}

export const task: Task<Solution> = {
  title: 'Protect a fetch',
  ideal: 1,
  async check(t, { ask }) {
    const service = await serve(t, (_, response) => response.writeHead(503).end());
    const rejected = await rejectionOf(() => ask(service.url));
    const seen = service.requests.length;
    await assert.rejects(ask(service.url), rejected);
    assert.equal(service.requests.length, seen, 'an open circuit sends nothing');
  },
};

/** Calls a service that answers 503 until a call fails without a request. Returns what it rejects with. */
async function rejectionOf(call: () => Promise<unknown>): Promise<RegExp> {
  for (let calls = 0; calls < 10; calls++) {
    const message = await call().then(
      () => '',
      (error: Error) => error.message,
    );
    if (/open/i.test(message)) return /open/i;
  }
  assert.fail('ten answers of 503 open the circuit');
}
