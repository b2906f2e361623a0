/** Tests of the shutdown of a server. */
import assert from 'node:assert/strict';
import type { TestRunner } from '../queue/driver.ts';
import type { ServerAdapter } from './adapter.ts';
import { ask, reportWhen } from './asking.ts';
import { OPERATOR } from './program.ts';

/** Declares the tests of the shutdown. */
export function shutsDown(adapter: ServerAdapter, { describe, it }: TestRunner): void {
  describe(`the shutdown of ${adapter.name}`, () => {
    it('lets a request in flight end, ends the streams, and refuses new connections', async () => {
      const server = await adapter.start('/ops');
      const { origin } = server;
      const inFlight = ask(origin, '/work/wait');
      assert.equal((await reportWhen(origin, ({ running }) => running === 1)).running, 1);
      const stream = await fetch(`${origin}/ops/stream`, { headers: { authorization: OPERATOR } });
      assert.equal((await ask(origin, '/work/release')).status, 200);
      const streamed = stream.text().catch(() => 'cut off');
      const closed = server.close();
      assert.equal((await inFlight).status, 200);
      await streamed;
      await closed;
      await assert.rejects(ask(origin, '/work/ok'));
    });
  });
}
