import { it } from 'node:test';
import { protect } from '@fusewire/axios';
import axios, { AxiosError } from 'axios';
import type { AxiosResponse } from 'axios';
import { assertAttemptsKeepContext } from '../../../../tests/clients/async-context.ts';

it('each attempt of a protected axios runs in the asynchronous context of its own request', async (test) => {
  await assertAttemptsKeepContext(test, (note) => {
    const instance = axios.create({
      adapter: async (config) => {
        note(String(config.url));
        const response = { status: 503, statusText: '', headers: {}, config, data: 'busy' } as unknown as AxiosResponse;
        throw new AxiosError('status 503', 'ERR_BAD_RESPONSE', config, undefined, response);
      },
    });
    const client = protect(instance, { breaker: { failureThreshold: 100 } });
    return (url) => client.get(url);
  });
});
