/** Construction and rejection without random numbers and dates, which Next.js does not allow in prerendered components. */
import assert from 'node:assert/strict';
import { afterEach, describe, it, mock } from 'node:test';
import { CircuitBreaker, CircuitOpenError } from 'fusewire';
import { rejection, runScript } from './support.ts';

describe('a prerendered component', () => {
  it('may create breakers and policies, and may be rejected by an open circuit', () => {
    const { stdout, stderr } = runScript(`
      // Next.js replaces these functions before it loads the program.
      const uses = new Set();
      Math.random = () => (uses.add('Math.random'), 0.5);
      Date.now = () => (uses.add('Date.now'), 0);
      for (const name of ['getRandomValues', 'randomUUID']) crypto[name] = () => uses.add(name);
      globalThis.Date = new Proxy(Date, { construct(target, args) { uses.add('new Date'); return new target(...args); } });
      const { CircuitBreaker, bulkhead, pipeline, rateLimit, retry, shedLoad, timeout } = await import('fusewire');
      const breaker = new CircuitBreaker({ failureThreshold: 1 });
      pipeline([timeout(100_000), retry(), shedLoad(), rateLimit({ limit: 1, per: 1_000 }), breaker, bulkhead({ limit: 1 })]);
      await breaker.execute(() => Promise.reject(new Error('down'))).catch(() => {});
      const error = await breaker.execute(() => 1).catch((reason) => reason);
      console.log(error.code, [...uses].join());`);
    assert.equal(stdout, 'ERR_CIRCUIT_OPEN', stderr);
  });

  it('gets different delays in each process and for each breaker', () => {
    const program = `import { CircuitBreaker } from 'fusewire';
      for (let index = 0; index < 2; index++) {
        const breaker = new CircuitBreaker({ resetTimeout: { initial: 1_000_000, jitter: 1 }, failureThreshold: 1 });
        await breaker.execute(() => Promise.reject(new Error('down'))).catch(() => {});
        console.log((await breaker.execute(() => 1).catch((error) => error)).retryAfter);
      }`;
    const delays = [runScript(program), runScript(program)].flatMap(({ stdout }) => stdout.split('\n'));
    assert.equal(new Set(delays).size, 4, delays.join());
  });
});

describe('nextAttempt of an error', () => {
  afterEach(() => mock.timers.reset());

  it('is the instant of the rejection plus retryAfter, whenever it is read', async () => {
    mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 });
    const breaker = new CircuitBreaker({ failureThreshold: 1, resetTimeout: 5_000 });
    await rejection(breaker.execute(() => Promise.reject(new Error('down'))));
    const error = await rejection(breaker.execute(() => 1));
    mock.timers.tick(2_000);
    assert.ok(error instanceof CircuitOpenError);
    assert.equal(error.nextAttempt?.getTime(), 1_005_000);
    mock.timers.tick(2_000);
    assert.equal(error.nextAttempt?.getTime(), 1_005_000);
  });

  it('is an enumerable property, which loggers copy', async () => {
    const breaker = new CircuitBreaker();
    breaker.forceOpen();
    const error = await rejection(breaker.execute(() => 1));
    const keys: string[] = [];
    for (const key in error as object) keys.push(key);
    assert.ok(keys.includes('nextAttempt'), keys.join());
  });
});
