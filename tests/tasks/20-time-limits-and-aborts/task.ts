import assert from 'node:assert/strict';
import { once } from 'node:events';
import { serve } from '../support.ts';
import type { Task } from '../task.ts';

interface Solution {
  ask(url: string, request: AbortSignal): Promise<Response>;
}

export const task: Task<Solution> = {
  title: 'Limit the time of a call, and end it when the request ends',
  ideal: 1,
  async check(t, { ask }) {
    let arrived = new AbortController();
    const service = await serve(t, (request, response) => {
      response.on('close', () => arrived.abort());
      request.resume();
    });
    await assert.rejects(ask(service.url, new AbortController().signal), /time|abort/i);
    if (!arrived.signal.aborted) await once(arrived.signal, 'abort');

    arrived = new AbortController();
    const request = new AbortController();
    const call = ask(service.url, request.signal);
    while (service.requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    request.abort();
    await assert.rejects(call, /time|abort/i);
    if (!arrived.signal.aborted) await once(arrived.signal, 'abort');
  },
};
