import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { protect } from '@fusewire/axios';
import axios, { AxiosError, isAxiosError } from 'axios';
import type { AxiosAdapter, AxiosResponse } from 'axios';
import { turn } from '../../../../tests/clients/support.ts';

describe('requests of axios that wait for a Retry-After', () => {
  for (const [seconds, expected] of [
    [1, 200],
    [3_600, 429],
  ] as const) {
    it(`end with a response if the next one asks for ${seconds} s`, async (test) => {
      test.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
      let requests = 0;
      const adapter: AxiosAdapter = async (config) => {
        const status = ++requests <= 5 || (seconds > 1 && requests <= 6) ? 429 : 200;
        const headers = { 'retry-after': String(requests <= 5 ? 1 : seconds) };
        const response = { status, statusText: '', headers, config, data: 'it' } as unknown as AxiosResponse;
        if (status === 200) return response;
        throw new AxiosError('status 429', 'ERR_BAD_REQUEST', config, undefined, response);
      };
      const client = protect(axios.create({ adapter }), { breaker: { clock: () => Date.now() } });
      const calls = Array.from({ length: 5 }, () => client.get('http://127.0.0.1').catch((error: unknown) => error));
      for (let count = 0; count < 20; count++) await turn();
      test.mock.timers.tick(1_000);
      for (const outcome of await Promise.all(calls)) {
        const response = isAxiosError(outcome) ? outcome.response : (outcome as AxiosResponse);
        assert.equal(response?.status, expected);
      }
    });
  }
});
