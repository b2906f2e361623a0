import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { createServer, get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { it } from 'node:test';
import { CallTimeoutError, CircuitBreaker, CircuitOpenError } from 'fusewire';
import { onEachBackend, quickBreaker, runScript, turn } from './support.ts';
import { counts, only, readAll } from './support-streams.ts';

onEachBackend('executeStream() of a ReadableStream', (backend) => {
  const readable = (cancelled: unknown[] = []) => {
    let count = 0;
    return new ReadableStream<string>(
      {
        pull: (controller) => (count === 3 ? controller.close() : controller.enqueue(`${++count};`)),
        cancel: (reason) => void cancelled.push(reason),
      },
      { highWaterMark: 0 },
    );
  };

  it('returns a ReadableStream, which a Response takes', async () => {
    const { breaker } = quickBreaker(backend);
    const stream = await breaker.executeStream(() => readable());
    assert.ok(stream instanceof ReadableStream);
    const text = new Response(stream.pipeThrough(new TextEncoderStream())).text();
    assert.equal(await text, '1;2;3;');
    assert.deepEqual(counts(breaker), only('totalSuccesses'));
  });

  it('can be iterated, and returns an empty ReadableStream for one', async () => {
    const { breaker } = quickBreaker(backend);
    assert.deepEqual(await readAll(breaker.executeStream(async () => readable())), ['1;', '2;', '3;']);
    const empty = () => new ReadableStream<string>({ start: (controller) => controller.close() });
    assert.equal(await new Response(await breaker.executeStream(empty)).text(), '');
  });

  it('cancels the source with the reason of the consumer, once, and counts neither way', async () => {
    const { breaker } = quickBreaker(backend);
    const cancelled: unknown[] = [];
    const stream = await breaker.executeStream(() => readable(cancelled));
    const reader = stream.getReader();
    await reader.read();
    await reader.cancel('enough');
    await reader.cancel('again');
    assert.deepEqual(cancelled, ['enough']);
    assert.deepEqual(counts(breaker), only('totalIgnored'));
  });

  it('rejects what reads it with the error of the source, and counts a failure', async () => {
    const { breaker } = quickBreaker(backend);
    let pulled = 0;
    const source = () =>
      new ReadableStream<Uint8Array>({
        pull: (controller) => (pulled++ ? controller.error(new Error('reset')) : controller.enqueue(new Uint8Array(1))),
      });
    await assert.rejects(new Response(await breaker.executeStream(source)).arrayBuffer(), /reset/);
    assert.deepEqual(counts(breaker), only('totalFailures'));
  });
});

onEachBackend('executeStream() of a Readable', (backend) => {
  /** Runs a server whose answer is what `respond` writes. */
  async function serve(
    respond: (write: (text: string) => void, end: () => void, breakOff: () => void) => void,
    use: (answer: () => Promise<IncomingMessage>) => Promise<void>,
  ): Promise<void> {
    const server = createServer((_request, response) => {
      respond(
        (text) => response.write(text),
        () => response.end(),
        () => response.destroy(),
      );
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      await use(() => new Promise((resolve, reject) => get({ port, agent: false }, resolve).on('error', reject)));
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  it('reads the answer of a server to its end', async () => {
    await serve(
      (write, end) => (write('one'), end()),
      async (answer) => {
        const { breaker } = quickBreaker(backend);
        const stream = Readable.from(breaker.executeStream(answer));
        assert.equal(Buffer.concat(await stream.toArray()).toString(), 'one');
        assert.deepEqual(counts(breaker), only('totalSuccesses'));
      },
    );
  });

  it('counts a failure if the connection breaks', async () => {
    await serve(
      (write, _end, breakOff) => (write('one'), setImmediate(breakOff)),
      async (answer) => {
        const { breaker } = quickBreaker(backend);
        await assert.rejects(readAll(breaker.executeStream(answer)), { code: 'ECONNRESET' });
        assert.deepEqual(counts(breaker), only('totalFailures'));
      },
    );
  });

  it('destroys a message whose next part does not come in time', async () => {
    await serve(
      (write) => write('one'),
      async (answer) => {
        const { breaker } = quickBreaker(backend);
        let message: IncomingMessage | undefined;
        const work = async () => (message = await answer());
        await assert.rejects(readAll(breaker.executeStream(work, { betweenItems: 20 })), CallTimeoutError);
        assert.equal(message?.destroyed, true);
      },
    );
  });
});

it('executeStream() of an open circuit leaves no rejection behind that an iterator reads later', async () => {
  const breaker = new CircuitBreaker({ name: 'chat' });
  breaker.open();
  const stream = Readable.from(breaker.executeStream(() => Readable.from(['text'])));
  await turn();
  await turn();
  await assert.rejects(stream.toArray(), CircuitOpenError);
});

it('executeStream() runs the source for the caller, and not for the reader of the stream', async () => {
  const request = new AsyncLocalStorage<string>();
  const seen: (string | undefined)[] = [];
  const breaker = new CircuitBreaker({ name: 'chat' });
  const stream = await request.run('alice', () =>
    breaker.executeStream(async function* () {
      for (let count = 0; count < 3; count++) {
        seen.push(request.getStore());
        yield await Promise.resolve(count);
        seen.push(request.getStore());
      }
    }),
  );
  for await (const _ of request.run('bob', () => stream)) await request.run('carol', () => turn());
  assert.deepEqual(new Set(seen), new Set(['alice']));
});

it('executeStream() ends a stream that its consumer has dropped', () => {
  const { status, stderr } = runScript(
    `import { CircuitBreaker } from 'fusewire';
    import assert from 'node:assert';
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    const breaker = new CircuitBreaker({ name: 'chat' });
    const closed = [];
    async function* items() { try { for (;;) yield 1; } finally { closed.push('iterable'); } }
    const readable = () => new ReadableStream({ pull: (to) => to.enqueue(1), cancel: () => closed.push('readable') });
    await (async () => {
      for (const work of [items, readable]) await breaker.executeStream(work);
    })();
    assert.equal(breaker.getStats().inFlight, 2);
    for (let turns = 0; turns < 200 && closed.length < 2; turns++) { gc(); await turn(); }
    assert.deepEqual(closed.sort(), ['iterable', 'readable']);
    assert.equal(breaker.getStats().inFlight, 0);
    assert.equal(breaker.getStats().totalIgnored, 2);`,
    '--expose-gc',
  );
  assert.equal(status, 0, stderr);
});
