import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { BreakerEventName, Logger } from 'fusewire';
import { onEachBackend, open, quickBreaker, record, rejection, turn } from './support.ts';

const ALL = [
  'stateChange',
  'open',
  'halfOpen',
  'close',
  'success',
  'failure',
  'timeout',
  'reject',
  'ignore',
  'reset',
] as const satisfies BreakerEventName[];

onEachBackend('events', (backend) => {
  it('are emitted in the order of the decisions: the outcome before its transition', async () => {
    const { breaker, clock } = quickBreaker(backend);
    const seen = record(breaker, ...ALL);
    await open(breaker);
    await rejection(breaker.execute(() => 1));
    clock.advance(1_000);
    await breaker.execute(() => 1);
    await breaker.execute(() => 1);
    assert.deepEqual(seen, [
      ...['failure', 'failure', 'stateChange', 'open', 'reject'],
      ...['stateChange', 'halfOpen', 'success', 'success', 'stateChange', 'close'],
    ]);
  });

  it('are emitted in order even where listeners call the breaker', async () => {
    const { breaker } = quickBreaker(backend);
    const seen = record(breaker, 'failure', 'stateChange');
    breaker.on('open', () => {
      breaker.reset();
      seen.push('listener of open');
    });
    breaker.on('close', () => seen.push('close'));
    breaker.on('reset', () => seen.push('reset'));
    breaker.on('stateChange', ({ to }) => seen.push(`to ${to}`));
    for (let call = 0; call < 2; call++) await rejection(breaker.execute(() => Promise.reject(new Error('down'))));
    assert.deepEqual(seen, [
      ...['failure', 'failure', 'stateChange', 'to OPEN', 'listener of open'],
      ...['stateChange', 'to CLOSED', 'close', 'reset'],
    ]);
    assert.equal(breaker.getStats().listenerErrors, 0);
  });

  it('are emitted after the decision: a listener cannot take the slot of the probe', async () => {
    const { breaker, clock } = quickBreaker(backend);
    await open(breaker);
    clock.advance(1_000);
    const inner: Promise<unknown>[] = [];
    breaker.on('halfOpen', () => inner.push(breaker.tryExecute(() => assert.fail('must not run'))));
    assert.equal(await breaker.execute(() => 'the caller'), 'the caller');
    assert.equal(((await inner[0]) as { status: string }).status, 'rejected');
  });

  it('carry the duration, error or reason of the call', async () => {
    const { breaker, clock } = quickBreaker(backend, {
      classify: (outcome) => ('error' in outcome && outcome.error === 'ignore' ? 'ignore' : undefined),
    });
    const seen: unknown[] = [];
    for (const name of ['success', 'failure', 'ignore', 'reject', 'reset'] as const) {
      breaker.on(name, (event) => seen.push([name, event]));
    }
    const taking = (milliseconds: number, run: () => unknown) => async () => {
      clock.advance(milliseconds);
      return run();
    };
    await breaker.execute(taking(7, () => 1));
    const error = new Error('down');
    const fail = () => Promise.reject(error);
    await rejection(breaker.execute(taking(8, fail)));
    await rejection(breaker.execute(taking(9, () => Promise.reject('ignore'))));
    await rejection(breaker.execute(taking(10, fail)));
    await rejection(breaker.execute(() => 1));
    breaker.reset();
    assert.deepEqual(seen, [
      ['success', { breaker: 'mpesa', duration: 7 }],
      ['failure', { breaker: 'mpesa', error, duration: 8 }],
      ['ignore', { breaker: 'mpesa', error: 'ignore', duration: 9 }],
      ['failure', { breaker: 'mpesa', error, duration: 10 }],
      ['reject', { breaker: 'mpesa', reason: 'open', retryAfter: 1_000 }],
      ['reset', { breaker: 'mpesa' }],
    ]);
  });

  it('have a null duration where calls are not measured', async () => {
    const { breaker } = quickBreaker(backend, { responseTimes: false, timeout: false });
    const durations: unknown[] = [];
    breaker.on('success', ({ duration }) => durations.push(duration));
    await breaker.execute(() => 1);
    assert.deepEqual(durations, [null]);
  });

  it('are no longer emitted to a listener that was removed', async () => {
    const { breaker } = quickBreaker(backend);
    const seen: string[] = [];
    const listener = () => seen.push('same');
    const first = breaker.on('success', listener);
    breaker.on('success', listener);
    breaker.once('success', () => seen.push('once'));
    const off = breaker.once('success', () => seen.push('never'));
    off();
    off();
    await breaker.execute(() => 1);
    assert.deepEqual(seen, ['same', 'same', 'once']);
    first();
    first();
    await breaker.execute(() => 1);
    assert.deepEqual(seen, ['same', 'same', 'once', 'same']);
    breaker.off('success', listener);
    breaker.off('success', listener);
    breaker.off('failure', listener);
    await breaker.execute(() => 1);
    assert.equal(seen.length, 4);
  });

  it('cannot have an unknown name, or a listener that is no function', () => {
    const { breaker } = quickBreaker(backend);
    for (const name of ['opened', '', 'constructor', '__proto__', undefined, null, 1, Symbol('s')]) {
      assert.throws(() => breaker.on(name as never, () => 1), { name: 'TypeError', message: /there is no event/ });
    }
    for (const listener of [undefined, null, 1, {}]) {
      assert.throws(() => breaker.on('open', listener as never), { name: 'TypeError', message: /must be a function/ });
    }
  });

  it('do not fail a call where a listener throws or rejects', async () => {
    const reported: unknown[] = [];
    const { breaker } = quickBreaker(backend, { logger: loggerOf((_, error) => reported.push(error)) });
    const after = record(breaker);
    for (const name of ALL) {
      breaker.on(name, () => {
        throw new Error(name);
      });
      breaker.on(name, async () => {
        throw new Error(`async ${name}`);
      });
      breaker.on(name, () => after.push(name));
    }
    assert.equal(await breaker.execute(() => 1), 1);
    const error = new Error('down');
    assert.equal(await rejection(breaker.execute(() => Promise.reject(error))), error);
    assert.equal(await rejection(breaker.execute(() => Promise.reject(error))), error);
    assert.equal(breaker.state, 'OPEN');
    breaker.reset();
    await turn();
    assert.deepEqual(after, [
      ...['success', 'failure', 'failure', 'stateChange', 'open', 'stateChange', 'close', 'reset'],
    ]);
    assert.equal(reported.length, 16);
    assert.equal(breaker.getStats().listenerErrors, 16);
    assert.equal(breaker.getStats().inFlight, 0);
  });

  it('stop after 1 000 rounds of a listener that calls the breaker from its own event', async () => {
    const reported: string[] = [];
    const { breaker } = quickBreaker(backend, { logger: loggerOf((message) => reported.push(message)) });
    let emitted = 0;
    breaker.on('reset', () => {
      emitted++;
      breaker.reset();
    });
    breaker.reset();
    assert.equal(emitted, 1_000);
    assert.deepEqual(reported, ['Circuit breaker mpesa: listeners call the breaker without end']);
    assert.equal(await breaker.execute(() => 1), 1);
    assert.equal(breaker.getStats().listenerErrors, 1);
  });

  it('let a listener dispose the breaker', async () => {
    const { breaker } = quickBreaker(backend);
    breaker.on('failure', () => breaker.dispose());
    const error = new Error('down');
    assert.equal(await rejection(breaker.execute(() => Promise.reject(error))), error);
    assert.equal(breaker.disposed, true);
  });
});

onEachBackend('a logger', (backend) => {
  it('receives every transition', async () => {
    const lines: string[] = [];
    const logger = loggerOf(
      () => undefined,
      (level, message) => lines.push(`${level} ${message}`),
    );
    const { breaker, clock } = quickBreaker(backend, { logger });
    await open(breaker);
    clock.advance(1_000);
    await breaker.execute(() => 1);
    await breaker.execute(() => 1);
    assert.deepEqual(lines, [
      'warn Circuit breaker mpesa: CLOSED to OPEN: 2 failures in 60 s (threshold 2); last error: Error: down; next attempt in 1 s',
      'info Circuit breaker mpesa: OPEN to HALF_OPEN (open-time-elapsed)',
      'info Circuit breaker mpesa: HALF_OPEN to CLOSED (probes-succeeded)',
    ]);
  });

  it('may throw, reject or call the breaker without failing a call', async () => {
    const misbehave = [
      () => {
        throw new Error('disk full');
      },
      () => Promise.reject(new Error('disk full')),
    ];
    for (const bad of misbehave) {
      const { breaker } = quickBreaker(backend, { logger: { debug: bad, info: bad, warn: bad, error: bad } });
      breaker.on('failure', () => {
        throw new Error('listener');
      });
      await open(breaker);
      breaker.reset();
      assert.equal(await breaker.execute(() => 1), 1);
      await turn();
    }
    const again = () => void breaker.tryExecute(() => 1);
    const logger: Logger = { debug: again, info: again, warn: again, error: again };
    const { breaker, clock } = quickBreaker(backend, { logger });
    const seen = record(breaker, 'open', 'halfOpen');
    await open(breaker);
    clock.advance(1_000);
    await breaker.execute(() => 1);
    await turn();
    assert.deepEqual(seen.slice(0, 2), ['open', 'halfOpen']);
    assert.equal(breaker.getStats().inFlight, 0);
  });
});

function loggerOf(
  onError: (message: string, details: unknown) => unknown,
  onLine: (level: string, message: string) => unknown = () => undefined,
): Logger {
  return {
    debug: (message) => onLine('debug', message),
    info: (message) => onLine('info', message),
    warn: (message) => onLine('warn', message),
    error: onError,
  };
}
