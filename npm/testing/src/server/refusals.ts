/** Tests of the responses to calls that fail, and of the signal of a request. */
import assert from 'node:assert/strict';
import type { TestRunner } from '../queue/driver.ts';
import type { RunningServer, ServerAdapter } from './adapter.ts';
import { ask, reportOf, reportWhen } from './asking.ts';

/** Declares the tests of the responses. */
export function servesRefusals(adapter: ServerAdapter, { describe, it, before, after }: TestRunner): void {
  describe(`calls of requests in ${adapter.name}`, () => {
    let server: RunningServer;
    before(async () => (server = await adapter.start('/ops')));
    after(() => server.close());

    it('answers with the result of a call', async () => {
      const { status, text } = await ask(server.origin, '/work/ok');
      assert.equal(status, 200);
      assert.deepEqual(JSON.parse(text), { ok: true });
    });

    for (const [kind, cause] of [
      ['down', 'an open circuit'],
      ['held', 'a circuit that an operator holds open'],
      ['full', 'a full bulkhead'],
    ] as const) {
      it(`answers 503 with Retry-After in whole seconds and a problem document to a call rejected by ${cause}`, async () => {
        const { status, headers, text } = await ask(server.origin, `/work/${kind}`);
        assert.equal(status, 503);
        const retryAfter = headers.get('retry-after') ?? '';
        assert.match(retryAfter, /^[1-9]\d*$/);
        assert.ok(Number(retryAfter) <= 30);
        checkProblem(headers, text, { status: 503, retryAfter: Number(retryAfter) });
      });
    }

    it('answers 504 and a problem document to a call that timed out', async () => {
      const { status, headers, text } = await ask(server.origin, '/work/slow');
      assert.equal(status, 504);
      assert.equal(headers.get('retry-after'), null);
      checkProblem(headers, text, { status: 504 });
    });

    it('answers to HEAD with the status and the headers of a refusal', async () => {
      const { status, headers, text } = await ask(server.origin, '/work/down', { method: 'HEAD' });
      // A framework may have no route for HEAD.
      if (status === 404 || status === 405) return;
      assert.equal(status, 503);
      assert.match(headers.get('retry-after') ?? '', /^[1-9]\d*$/);
      assert.equal(text, '');
    });

    it('leaves every other error to the framework', async () => {
      const { status, headers } = await ask(server.origin, '/work/fail');
      assert.equal(status, 500);
      assert.equal(headers.get('retry-after'), null);
    });

    it('aborts the work of a request whose client has gone, which counts as no failure', async () => {
      const { aborted } = await reportOf(server.origin);
      const clients = Array.from({ length: 10 }, () => new AbortController());
      const requests = clients.map(({ signal }) => ask(server.origin, '/work/hang', { signal }).catch(() => undefined));
      assert.equal((await reportWhen(server.origin, ({ running }) => running === 10)).running, 10);
      for (const client of clients) client.abort();
      await Promise.all(requests);
      const report = await reportWhen(server.origin, ({ running }) => running === 0);
      assert.deepEqual([report.running, report.aborted - aborted, report.failures], [0, 10, 0]);
      assert.equal((await ask(server.origin, '/work/ok')).status, 200);
    });
  });
}

function checkProblem(headers: Headers, text: string, expected: { status: number; retryAfter?: number }): void {
  assert.match(headers.get('content-type') ?? '', /^application\/problem\+json\b/);
  assert.equal(headers.get('cache-control'), 'no-store');
  const problem = JSON.parse(text) as Record<string, unknown>;
  const { status, retryAfter } = problem;
  assert.deepEqual({ status, ...(retryAfter !== undefined && { retryAfter }) }, expected);
  assert.ok(typeof problem['type'] === 'string' && typeof problem['title'] === 'string');
  // A stranger learns neither the error of the dependency nor the names of the program.
  assert.doesNotMatch(text, /hunter2|\n\s+at |"(down|held|full|slow)"/);
}
