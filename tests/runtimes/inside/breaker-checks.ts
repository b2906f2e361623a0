/** Checks of the breaker. */
import type { CircuitBreaker, CircuitBreakerOptions } from 'fusewire';
import { equal, rejection, thrown, truthy } from './expect.ts';
import type { Check, Subject } from './check.ts';

const down = (): Promise<never> => Promise.reject(new Error('down'));
const never = (): Promise<never> => new Promise(() => {});

/** A breaker that opens at the second failure, for one second of a clock that the check moves. */
function quick({ fusewire, backend }: Subject, options: CircuitBreakerOptions = {}) {
  const clock = { now: 0 };
  const breaker = new fusewire.CircuitBreaker({
    name: 'mpesa',
    backend,
    clock: () => clock.now,
    failureThreshold: 2,
    successThreshold: 1,
    resetTimeout: 1_000,
    ...options,
  });
  return { breaker, clock };
}

async function open(breaker: CircuitBreaker): Promise<void> {
  await rejection(breaker.execute(down));
  await rejection(breaker.execute(down));
}

export const breakerChecks: Readonly<Record<string, Check>> = {
  'the backend is the one that was asked for'({ fusewire, backend }) {
    equal(new fusewire.CircuitBreaker({ backend }).backend, backend);
    equal(new fusewire.CircuitBreaker().backend, 'wasm');
  },

  async 'a call settles as its work does'(subject) {
    const { breaker } = quick(subject);
    const value = {};
    const error = new Error('down');
    truthy((await breaker.execute(() => value)) === value, 'the same value');
    truthy((await breaker.execute(Promise.resolve(value))) === value, 'the same value');
    truthy((await rejection(breaker.execute(() => Promise.reject(error)))) === error, 'the same error');
    const wrapped = breaker.wrap((_, left: number, right: number) => left + right);
    equal(await wrapped(1, 2), 3);
  },

  async 'the circuit opens, rejects, and recovers'(subject) {
    const { breaker, clock } = quick(subject);
    const seen: string[] = [];
    breaker.on('stateChange', ({ from, to, reason }) => void seen.push(`${from} ${to} ${reason}`));
    await open(breaker);
    equal(breaker.state, 'OPEN');
    clock.now = 400;
    const error = await rejection(breaker.execute(() => 1));
    truthy(error instanceof subject.fusewire.CircuitOpenError && error.retryAfter === 600, 'rejected for 600 ms');
    clock.now = 1_000;
    equal(breaker.state, 'HALF_OPEN');
    equal(await breaker.execute(() => 'back'), 'back');
    equal(breaker.state, 'CLOSED');
    equal(seen, [
      'CLOSED OPEN failure-threshold',
      'OPEN HALF_OPEN open-time-elapsed',
      'HALF_OPEN CLOSED probes-succeeded',
    ]);
  },

  async 'a call times out by the real clock'({ fusewire, backend }) {
    const breaker = new fusewire.CircuitBreaker({ name: 'slow', backend, timeout: 20 });
    let aborted = false;
    const error = await rejection(
      breaker.execute(({ signal }) => {
        signal.addEventListener('abort', () => (aborted = true));
        return never();
      }),
    );
    truthy(error instanceof fusewire.CallTimeoutError, 'a timeout');
    equal((error as Error).message, 'Circuit breaker slow timeout after 20ms');
    truthy(aborted, 'aborted');
    equal(breaker.getStats().totalTimeouts, 1);
  },

  async "a caller's abort counts neither way"(subject) {
    const { breaker } = quick(subject);
    const controller = new AbortController();
    const call = rejection(breaker.execute(never, { signal: controller.signal }));
    const reason = new Error('gone');
    controller.abort(reason);
    truthy((await call) === reason, 'the reason of the signal');
    const { totalIgnored, totalFailures } = breaker.getStats();
    equal([totalIgnored, totalFailures], [1, 0]);
  },

  async 'tryExecute returns a result'(subject) {
    const { breaker } = quick(subject);
    equal(await breaker.tryExecute(() => 1), { status: 'success', value: 1, source: 'call' });
    equal((await breaker.tryExecute(down)).status, 'failure');
    await open(breaker);
    const result = await breaker.tryExecute(() => 1);
    truthy(result.status === 'rejected' && result.retryAfter === 1_000, 'rejected for 1000 ms');
    truthy(result.status === 'rejected' && result.rejection.reason === 'open', 'rejected because it is open');
  },

  async 'stats and explanation count what happened'(subject) {
    const { breaker, clock } = quick(subject);
    await breaker.execute(() => 1);
    await open(breaker);
    await rejection(breaker.execute(() => 1));
    clock.now = 3_000;
    const stats = breaker.getStats();
    const { totalRequests, totalSuccesses, totalFailures, totalRejected, stateChanges, inFlight } = stats;
    equal([totalRequests, totalSuccesses, totalFailures, totalRejected, stateChanges, inFlight], [4, 1, 2, 1, 2, 0]);
    equal(stats.lastError?.message, 'down');
    equal(stats.responseTimes.max, 0);
    equal(breaker.explain().state, 'HALF_OPEN');
  },

  async 'operators override the circuit'(subject) {
    const { breaker } = quick(subject);
    const release = breaker.forceOpen();
    equal((await breaker.tryExecute(() => 1)).status, 'rejected');
    release();
    breaker.shadow();
    await open(breaker);
    equal([breaker.state, breaker.getStats().underlyingState], ['CLOSED', 'OPEN']);
    breaker.reset();
    equal([breaker.state, breaker.override], ['CLOSED', 'NONE']);
  },

  async 'a snapshot goes on where it was taken'(subject) {
    const { breaker, clock } = quick(subject);
    await open(breaker);
    clock.now = 300;
    const travelled = JSON.parse(JSON.stringify(breaker));
    const later = { now: 50_000 };
    const restored = subject.fusewire.CircuitBreaker.restore(travelled, {
      backend: subject.backend,
      clock: () => later.now,
      failureThreshold: 2,
      resetTimeout: 1_000,
    });
    equal([restored.name, restored.state, restored.getStats().retryAfter], ['mpesa', 'OPEN', 700]);
    equal(restored.getStats().totalFailures, 2);
    later.now += 700;
    equal(restored.state, 'HALF_OPEN');
  },

  async 'a registry holds breakers by name and by key'({ fusewire, backend }) {
    const registry = new fusewire.BreakerRegistry({ defaults: { backend, failureThreshold: 1 }, max: 2 });
    const named = registry.create('mpesa');
    await rejection(named.execute(down));
    for (const host of ['a', 'b', 'c']) registry.for(host);
    equal([...registry.getAll().keys()], ['mpesa', 'b', 'c']);
    equal(registry.getAllStats()['mpesa']?.state, 'OPEN');
    registry.resetAll();
    equal(registry.get('mpesa')?.state, 'CLOSED');
  },

  async 'instanceof recognises each error'(subject) {
    const { fusewire, backend } = subject;
    const refused = thrown(() => new fusewire.CircuitBreaker({ backend, failureThreshold: 0 }));
    truthy(refused instanceof fusewire.OptionsError, 'an error of options');
    const { breaker } = quick(subject);
    breaker.dispose();
    const disposed = await rejection(breaker.execute(() => 1));
    truthy(disposed instanceof fusewire.BreakerDisposedError, 'an error of a disposed breaker');
    truthy(
      !(disposed instanceof fusewire.CircuitOpenError) && !(refused instanceof fusewire.CallTimeoutError),
      'distinguished',
    );
  },

  async 'a listener that throws harms no call'({ fusewire, backend }) {
    const reports: unknown[] = [];
    const logger = { debug() {}, info() {}, warn: (...warning: unknown[]) => reports.push(warning), error() {} };
    const breaker = new fusewire.CircuitBreaker({ backend, logger });
    breaker.on('success', () => {
      throw new Error('listener');
    });
    equal(await breaker.execute(() => 1), 1);
    await Promise.resolve();
    equal(breaker.getStats().listenerErrors, 1);
  },

  'process scope is one breaker for all, or an error where there is no addon'({ fusewire, hasAddon }) {
    const options = { name: 'shared', scope: 'process' } as const;
    if (!hasAddon) {
      const error = thrown(() => new fusewire.CircuitBreaker(options));
      truthy(error instanceof fusewire.EngineLoadError && error.backend === 'native', 'an error of the backend');
      return;
    }
    const [here, there] = [new fusewire.CircuitBreaker(options), new fusewire.CircuitBreaker(options)];
    here.forceOpen();
    equal([there.state, there.backend], ['OPEN', 'native']);
    here.dispose();
    there.dispose();
  },
};
