import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { protectedFetch } from '@fusewire/http';
import * as undici from 'undici';
import { serve } from '../../../../tests/clients/support.ts';

describe("protectedFetch with undici's fetch", () => {
  it("takes undici's own Request", async (test) => {
    const { url } = await serve(test, ({ method, headers, body }, response) =>
      response.end([method, headers['x-it'], body].join()),
    );
    const get = protectedFetch({ fetch: undici.fetch as unknown as typeof fetch });
    const request = new undici.Request(url, { method: 'POST', body: 'abc', headers: { 'x-it': '1' } });
    assert.equal(await (await get(request as unknown as Request)).text(), 'POST,1,abc');
  });
});
