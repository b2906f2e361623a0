/** Test of what is left after many requests. */
import assert from 'node:assert/strict';
import type { TestRunner } from '../queue/driver.ts';
import type { ServerAdapter } from './adapter.ts';
import { ask, reportOf, withServer } from './asking.ts';

const KINDS = ['ok', 'ok', 'ok', 'down', 'held', 'full', 'fail', 'slow'];
/** Requests at the same time. */
const CLIENTS = 20;

/** Declares the test of leaks. */
export function leaksNothing(adapter: ServerAdapter, { describe, it }: TestRunner): void {
  const { name, requests = 10_000 } = adapter;
  describe(`many requests in ${name}`, () => {
    it(`leave no work, no signal, no timer and no warning: ${requests} of them`, () =>
      withServer(adapter, '/ops', async ({ origin }) => {
        for (const kind of KINDS) await ask(origin, `/work/${kind}`);
        const before = await reportOf(origin);
        let sent = 0;
        const client = async () => {
          while (sent < requests) await ask(origin, `/work/${KINDS[sent++ % KINDS.length]}`);
        };
        await Promise.all(Array.from({ length: CLIENTS }, client));
        const after = await reportOf(origin);
        assert.equal(after.running, 0);
        assert.deepEqual(after.warnings, before.warnings);
        // A connection that is kept open may hold its last request, and a timer.
        assert.ok(after.signals <= before.signals + 2 * CLIENTS, `${after.signals} signals are left`);
        assert.ok(after.timers <= before.timers + 2 * CLIENTS, `${after.timers} timers are left`);
      }));
  });
}
