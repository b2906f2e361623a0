import assert from 'node:assert/strict';
import { it, mock } from 'node:test';
import { adaptive, bulkhead, CallTimeoutError, CircuitBreaker, pipeline } from 'fusewire';
import type { StateChangeEvent, UpdateOptions } from 'fusewire';
import { deferred, onEachBackend, open, quickBreaker, record, rejection, thrown } from './support.ts';

const fail = () => Promise.reject(new Error('down'));

onEachBackend('open()', (backend) => {
  it('opens now, for the open time, and recovers by itself', async () => {
    const { breaker, clock } = quickBreaker(backend, { successThreshold: 1 });
    const changes: StateChangeEvent[] = [];
    breaker.on('stateChange', (event) => changes.push(event));
    breaker.open();
    assert.equal(breaker.state, 'OPEN');
    assert.equal(breaker.override, 'NONE');
    assert.equal(breaker.getStats().retryAfter, 1_000);
    const rejected = await breaker.tryExecute(() => assert.fail('must not run'));
    assert.equal(rejected.status, 'rejected');
    clock.advance(1_000);
    assert.equal(await breaker.execute(() => 1), 1);
    assert.equal(breaker.state, 'CLOSED');
    assert.deepEqual(
      changes.map(({ to, reason, observed }) => [to, reason, observed]),
      [
        ['OPEN', 'manual', 1_000],
        ['HALF_OPEN', 'open-time-elapsed', 1_000],
        ['CLOSED', 'probes-succeeded', 1],
      ],
    );
  });

  it('opens for a time of its own, again and again', () => {
    const { breaker, clock } = quickBreaker(backend);
    breaker.open(30_000);
    clock.advance(10_000);
    assert.equal(breaker.getStats().retryAfter, 20_000);
    breaker.open(5);
    assert.equal(breaker.getStats().retryAfter, 5);
  });

  it('rejects a duration out of range, and shows no string', () => {
    const { breaker } = quickBreaker(backend);
    for (const [duration, got] of [
      [0, '0'],
      [-1, '-1'],
      [Number.NaN, 'NaN'],
      [1e12, '1000000000000'],
      ['secret', 'a string'],
    ]) {
      assert.equal(
        thrown(() => breaker.open(duration as number)).message,
        `Circuit breaker mpesa: duration must be a number of milliseconds from 1 to 31536000000, got ${got}`,
      );
    }
    assert.equal(breaker.state, 'CLOSED');
  });
});

onEachBackend('the option initialMode', (backend) => {
  it('starts in shadow, until the override is released', async () => {
    const { breaker } = quickBreaker(backend, { initialMode: 'shadow', failureThreshold: 1 });
    const seen: boolean[] = [];
    breaker.on('stateChange', ({ shadow }) => seen.push(shadow));
    await rejection(breaker.execute(fail));
    assert.equal(await breaker.execute(() => 1), 1);
    assert.equal(breaker.override, 'SHADOW');
    assert.deepEqual(seen, [true]);
    breaker.releaseOverride();
    assert.equal(breaker.state, 'OPEN');
  });

  it('is checked', () => {
    assert.match(
      thrown(() => new CircuitBreaker({ backend, initialMode: 'open' as 'shadow' })).message,
      /initialMode must be 'normal' or 'shadow', got "open"/,
    );
  });
});

onEachBackend('the option enabled', (backend) => {
  it('lets calls pass untouched with false', async () => {
    const { breaker } = quickBreaker(backend, { enabled: false, timeout: 1, failureThreshold: 1 });
    const seen = record(breaker, 'success', 'failure', 'ignore', 'timeout', 'reject', 'stateChange');
    const error = new Error('down');
    assert.equal(await rejection(breaker.execute(() => Promise.reject(error))), error);
    assert.equal(
      await rejection(
        breaker.execute(() => {
          throw error;
        }),
      ),
      error,
    );
    assert.equal(await breaker.execute(Promise.resolve(2)), 2);
    assert.deepEqual(await breaker.tryExecute(() => Promise.reject(error)), { status: 'failure', error });
    assert.equal(await breaker.wrap((_, value: number) => value + 1)(1), 2);
    assert.equal(await pipeline([bulkhead({ limit: 1 }), breaker]).execute(({ attempt }) => attempt), 1);
    breaker.open();
    assert.equal(await breaker.execute(({ breaker: name }) => name), 'mpesa');
    assert.equal(breaker.state, 'CLOSED');
    const { state, underlyingState, totalRequests } = breaker.getStats();
    assert.deepEqual([state, underlyingState, totalRequests], ['CLOSED', 'OPEN', 0]);
    assert.deepEqual(seen, ['stateChange']);
    breaker.dispose();
    assert.match(String(await rejection(breaker.execute(() => 1))), /disposed/i);
  });

  it("still ends a call by the caller's signal, and checks the arguments", async () => {
    const { breaker } = quickBreaker(backend, { enabled: false });
    const controller = new AbortController();
    let seen: AbortSignal | undefined;
    const call = breaker.execute(
      ({ signal }) => {
        seen = signal;
        return deferred().promise;
      },
      { signal: controller.signal },
    );
    controller.abort('left');
    assert.equal(await rejection(call), 'left');
    assert.equal(seen?.reason, 'left');
    assert.equal(
      await rejection(breaker.execute(() => assert.fail('must not run'), { signal: controller.signal })),
      'left',
    );
    assert.ok((await rejection(breaker.execute(7 as never))) instanceof TypeError);
  });

  it('gives permits that count nothing, and is always ready', async () => {
    const { breaker } = quickBreaker(backend, { enabled: false, failureThreshold: 1 });
    const controller = new AbortController();
    const permit = breaker.acquire({ signal: controller.signal });
    const { signal } = permit;
    controller.abort('left');
    assert.equal(signal.reason, 'left');
    permit.fail(new Error('down'));
    breaker.acquire().fail(new Error('down'));
    breaker.open();
    await breaker.ready();
    assert.equal(breaker.getStats().totalRequests, 0);
  });

  it('can be changed by update(), in both directions', async () => {
    const { breaker } = quickBreaker(backend, { failureThreshold: 1 });
    await open(breaker);
    breaker.update({ enabled: false });
    assert.equal(breaker.enabled, false);
    assert.equal(await breaker.execute(() => 1), 1);
    breaker.update({ enabled: true });
    assert.equal(breaker.state, 'OPEN');
    assert.equal((await breaker.tryExecute(() => 1)).status, 'rejected');
  });
});

onEachBackend('update()', (backend) => {
  const thresholdsOf = (breaker: CircuitBreaker) => {
    const { failureThreshold, consecutiveFailureThreshold, failureRateThreshold } = breaker.explain();
    return [failureThreshold, consecutiveFailureThreshold, failureRateThreshold];
  };

  it('changes what it names, and keeps the rest, the window and the state', async () => {
    const { breaker, clock } = quickBreaker(backend, { failureThreshold: 3 });
    await rejection(breaker.execute(fail));
    breaker.update({ failureThreshold: 2 });
    breaker.update({ resetTimeout: 5_000, minimumCalls: undefined });
    assert.equal(breaker.getStats().failureCount, 1);
    await rejection(breaker.execute(fail));
    assert.equal(breaker.getStats().retryAfter, 5_000);
    clock.advance(5_000);
    assert.equal(breaker.state, 'HALF_OPEN');
  });

  it('turns rules off with false, and returns to the default rules without any', () => {
    const { breaker } = quickBreaker(backend, { failureThreshold: 3 });
    breaker.update({ failureRateThreshold: 0.5 });
    assert.deepEqual(thresholdsOf(breaker), [3, null, 0.5]);
    breaker.update({ failureThreshold: false });
    assert.deepEqual(thresholdsOf(breaker), [null, null, 0.5]);
    breaker.update({ failureRateThreshold: false });
    assert.deepEqual(thresholdsOf(breaker), [null, 5, 0.5]);
  });

  it('replaces an alias and the other verdict over probes', () => {
    const { breaker } = quickBreaker(backend, { successThreshold: 3 });
    breaker.update({ retryDelay: 700, halfOpen: { calls: 4, failureRateThreshold: 0.5 } });
    assert.deepEqual([breaker.explain().openTime, breaker.explain().probesRequired], [700, 4]);
    breaker.update({ successThreshold: 2 });
    assert.equal(breaker.explain().probesRequired, 2);
  });

  it('changes the timeout of later calls', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const breaker = new CircuitBreaker({ backend, timeout: false, responseTimes: false });
      breaker.update({ timeout: 50 });
      const call = breaker.execute(() => deferred().promise);
      mock.timers.tick(60);
      assert.ok((await rejection(call)) instanceof CallTimeoutError);
      breaker.update({ timeout: false });
      assert.equal(await breaker.execute(() => 1), 1);
    } finally {
      mock.timers.reset();
    }
  });

  const refused: readonly [UpdateOptions, RegExp][] = [
    [{ failureThreshold: 0 }, /failureThreshold must be a whole number from 1 to 1000000, got 0$/],
    [{ failureTreshold: 1 } as UpdateOptions, /failureTreshold is not an option; did you mean failureThreshold\?/],
    [
      { monitoringWindow: 1 } as UpdateOptions,
      /monitoringWindow must be given at construction: update\(\) cannot change it/,
    ],
    [{ enabled: 'secret' } as unknown as UpdateOptions, /enabled must be true or false, got a string$/],
    [{ slowCallRateThreshold: 0.5 }, /slowCallDuration must be set together with slowCallRateThreshold/],
    [7 as UpdateOptions, /options must be an object, got 7/],
  ];
  for (const [options, message] of refused) {
    it(`refuses ${JSON.stringify(options)}, and changes nothing`, () => {
      const { breaker } = quickBreaker(backend);
      for (const how of [undefined, { shadow: true }]) {
        assert.match(thrown(() => breaker.update(options, how)).message, message);
      }
      assert.deepEqual(thresholdsOf(breaker), [2, null, null]);
    });
  }

  it('lists every problem at once', () => {
    const { breaker } = quickBreaker(backend);
    const { message } = thrown(() =>
      breaker.update({ failureThreshold: 0, resetTimeout: -1, window: {} } as UpdateOptions),
    );
    for (const option of ['failureThreshold', 'resetTimeout', 'window'])
      assert.match(message, new RegExp(`${option} must be`));
  });

  it('keeps the thresholds of a schedule until its entry ends', () => {
    const { breaker } = quickBreaker(backend, { failureThreshold: 20 });
    const always = { from: '00:00', to: '24:00', failureThreshold: 3 };
    const adapts = adaptive(breaker, { schedule: { timeZone: 'UTC', entries: [always] } });
    breaker.update({ failureThreshold: 7, resetTimeout: 9_000 });
    assert.equal(breaker.explain().failureThreshold, 3);
    adapts.stop();
    assert.equal(breaker.explain().failureThreshold, 7);
  });
});

onEachBackend('update() in shadow', (backend) => {
  it('emits the transitions of a candidate that observes the same outcomes, and applies it', async () => {
    const { breaker, clock } = quickBreaker(backend, { failureThreshold: 10 });
    await rejection(breaker.execute(fail));
    const changes: StateChangeEvent[] = [];
    breaker.on('stateChange', (event) => changes.push(event));
    const trial = breaker.update({ failureThreshold: 2, resetTimeout: 500 }, { shadow: true });
    assert.equal(trial.state, 'CLOSED');
    await rejection(breaker.execute(fail));
    assert.deepEqual([breaker.state, trial.state], ['CLOSED', 'OPEN']);
    clock.advance(500);
    assert.equal(await breaker.execute(() => 1), 1);
    assert.equal(await breaker.execute(() => 1), 1);
    assert.deepEqual(
      changes.map(({ to, shadow, reason }) => [to, shadow, reason]),
      [
        ['OPEN', true, 'failure-threshold'],
        ['HALF_OPEN', true, 'open-time-elapsed'],
        ['CLOSED', true, 'probes-succeeded'],
      ],
    );
    assert.equal(breaker.explain().failureThreshold, 10);
    trial.apply();
    assert.equal(breaker.explain().failureThreshold, 2);
    await rejection(breaker.execute(fail));
    assert.equal(breaker.state, 'OPEN');
    assert.equal(changes.at(-1)?.shadow, false);
  });

  it('ends with cancel(), with a later trial and with the breaker', async () => {
    const { breaker } = quickBreaker(backend, { failureThreshold: 10 });
    const seen = record(breaker, 'stateChange');
    const first = breaker.update({ failureThreshold: 1 }, { shadow: true });
    const second = breaker.update({ failureThreshold: 1 }, { shadow: true });
    first.apply();
    assert.equal(breaker.explain().failureThreshold, 10);
    second.cancel();
    second.apply();
    await rejection(breaker.execute(fail));
    assert.deepEqual([seen, breaker.explain().failureThreshold], [[], 10]);
    const third = breaker.update({ failureThreshold: 1 }, { shadow: true });
    breaker.dispose();
    third.apply();
    assert.equal(third.state, 'CLOSED');
  });
});
