/** Tests of the defects of the printed class, beside the dialect. The README of the package lists them. */
import { CircuitBreaker, CircuitBreakerOpenError, CircuitBreakerTimeoutError } from '@fusewire/dialects/nerdgraph';
import type { CircuitBreakerConfig } from '@fusewire/dialects/nerdgraph';
import { createMockLogger } from '@test/mocks';
import { CallTimeoutError, CircuitOpenError, OptionsError } from 'fusewire';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CircuitBreaker as Printed } from '../fixtures/nerdgraph/printed/circuit-breaker';

const config: CircuitBreakerConfig = {
  name: 'compared',
  failureThreshold: 2,
  successThreshold: 2,
  timeout: 1_000,
  retryDelay: 5_000,
  monitoringWindow: 60_000,
};
const KINDS = { printed: Printed, dialect: CircuitBreaker } as const;
type Breaker = Printed | CircuitBreaker;

const succeed = async () => 'fine';
const fail = () => Promise.reject(new Error('down'));
const later = (span: number, settle: () => Promise<unknown>) =>
  new Promise((resolve) => setTimeout(resolve, span)).then(settle);

async function open(breaker: Breaker): Promise<void> {
  for (let call = 0; call < config.failureThreshold; call++) await breaker.execute(fail).catch(String);
}

function errorOf(create: () => unknown): Error {
  try {
    create();
  } catch (error) {
    return error as Error;
  }
  throw new Error('the call must throw');
}

/** Returns the results of one program with both classes. */
async function both<T>(program: (breaker: Breaker) => Promise<T>): Promise<{ printed: T; dialect: T }> {
  const create = (Kind: (typeof KINDS)[keyof typeof KINDS]) => new Kind(config, createMockLogger());
  return { printed: await program(create(KINDS.printed)), dialect: await program(create(KINDS.dialect)) };
}

beforeEach(() => vi.useFakeTimers({ now: 0 }));
afterEach(() => vi.useRealTimers());

describe('the dialect, unlike the printed class,', () => {
  it('does not count successes from before the opening as successes of probes', async () => {
    const state = await both(async (breaker) => {
      for (let call = 0; call < 3; call++) await breaker.execute(succeed);
      await open(breaker);
      await vi.advanceTimersByTimeAsync(config.retryDelay);
      await breaker.execute(succeed);
      return breaker.getStats().state;
    });
    expect(state).toEqual({ printed: 'CLOSED', dialect: 'HALF_OPEN' });
  });

  it('admits one call at a time while half-open, not all', async () => {
    const admitted = await both(async (breaker) => {
      await open(breaker);
      await vi.advanceTimersByTimeAsync(config.retryDelay);
      const work = vi.fn(() => later(10, fail));
      const calls = Promise.allSettled(Array.from({ length: 20 }, () => breaker.execute(work)));
      await vi.advanceTimersByTimeAsync(10);
      const rejected = (await calls).filter(
        (result) => 'reason' in result && result.reason instanceof CircuitOpenError,
      );
      return [work.mock.calls.length, rejected.length];
    });
    expect(admitted).toEqual({ printed: [20, 0], dialect: [1, 19] });
  });

  it('ignores the result of a call from before a reset', async () => {
    const state = await both(async (breaker) => {
      const late = Promise.allSettled([1, 2].map(() => breaker.execute(() => later(900, fail))));
      breaker.reset();
      await vi.advanceTimersByTimeAsync(900);
      await late;
      return breaker.getStats().state;
    });
    expect(state).toEqual({ printed: 'OPEN', dialect: 'CLOSED' });
  });

  it('counts no timeout of a call that has settled, and leaves no timer', async () => {
    const timeouts = await both(async (breaker) => {
      await breaker.execute(succeed);
      const timers = vi.getTimerCount();
      await vi.advanceTimersByTimeAsync(config.timeout);
      return [timers > 0, breaker.getStats().totalTimeouts];
    });
    expect(timeouts.printed).toEqual([true, 1]);
    expect(timeouts.dialect[1]).toBe(0);
  });

  it('averages the response time over all calls that ran', async () => {
    const average = await both(async (breaker) => {
      for (const [span, settle] of [
        [10, succeed],
        [40, fail],
        [10, succeed],
      ] as const) {
        const call = breaker.execute(() => later(span, settle)).catch(String);
        await vi.advanceTimersByTimeAsync(span);
        await call;
      }
      return breaker.getStats().averageResponseTime;
    });
    expect(average).toEqual({ printed: 10, dialect: 20 });
  });

  it('reports the current state, not that of the last call', async () => {
    const state = await both(async (breaker) => {
      await open(breaker);
      await vi.advanceTimersByTimeAsync(config.retryDelay);
      return breaker.getStats().state;
    });
    expect(state).toEqual({ printed: 'OPEN', dialect: 'HALF_OPEN' });
  });

  it('isolates a call from a listener that throws', async () => {
    vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const results = await both(async (breaker) => {
      breaker.on('success', () => {
        throw new Error('a listener');
      });
      return breaker.execute(succeed).catch((error: Error) => error.message);
    });
    expect(results).toEqual({ printed: 'a listener', dialect: 'fine' });
  });

  it('rejects with the very value of a call, even if it is no Error', async () => {
    const results = await both((breaker) =>
      breaker.execute(() => Promise.reject(null)).catch((error: unknown) => error),
    );
    expect(results.printed).toBeInstanceOf(TypeError);
    expect(results.dialect).toBe(null);
  });

  it('rejects invalid options, under the names of the document', () => {
    const invalid = { ...config, failureThreshold: 0, retryDelay: '5s', monitoringWindow: Number.NaN, window: 1 };
    const { timeout: _, ...without } = invalid;
    expect(() => new Printed(invalid as never, createMockLogger())).not.toThrow();
    const error = errorOf(() => new CircuitBreaker(without as never, createMockLogger()));
    expect(error).toBeInstanceOf(OptionsError);
    expect(error.message).toMatch(/^Circuit breaker compared: /);
    expect(error.message.slice('Circuit breaker compared: '.length).split('; ').sort()).toEqual([
      'failureThreshold must be a whole number from 1 to 1000000, got 0',
      'monitoringWindow must be a number of milliseconds from 1 to 31536000000, got NaN',
      'retryDelay must be a number of milliseconds, or {initial, factor, max, jitter}, got a string',
      'timeout must be given',
      'window is not an option',
    ]);
    expect(() => new CircuitBreaker(config, undefined as never)).toThrow(/logger must be an object with the functions/);
  });
});

describe('the errors are errors of fusewire as well', () => {
  it('CircuitBreakerOpenError is a CircuitOpenError', async () => {
    const breaker = new CircuitBreaker(config, createMockLogger());
    const listener = vi.fn();
    breaker.on('callRejected', listener);
    await open(breaker);
    const call = breaker.execute(succeed);
    expect(listener).toHaveBeenCalledTimes(1);
    const error = (await call.catch((rejection: unknown) => rejection)) as CircuitBreakerOpenError;
    expect(error).toBeInstanceOf(CircuitBreakerOpenError);
    expect(error instanceof CircuitOpenError).toBe(true);
    expect(error).toMatchObject({ breaker: 'compared', state: 'OPEN', retryAfter: 5_000, circuitBreakerOpen: true });
    expect(error.cause).toMatchObject({ message: 'down' });
    expect(listener).toHaveBeenCalledWith({ error, state: 'OPEN' });
  });

  it('CircuitBreakerTimeoutError is a CallTimeoutError, the same object for listener and caller', async () => {
    const breaker = new CircuitBreaker(config, createMockLogger());
    const listener = vi.fn();
    breaker.on('failure', listener);
    const call = breaker.execute(() => new Promise(() => undefined)).catch((rejection: unknown) => rejection);
    await vi.advanceTimersByTimeAsync(1_000);
    const error = await call;
    expect(error).toBeInstanceOf(CircuitBreakerTimeoutError);
    expect(error instanceof CallTimeoutError).toBe(true);
    expect(error).toMatchObject({ message: 'Timeout after 1000ms', timeout: true });
    expect(listener.mock.calls[0]?.[0].error).toBe(error);
    expect(breaker.getStats()).toMatchObject({ totalTimeouts: 1, lastError: 'Timeout after 1000ms' });
  });
});
