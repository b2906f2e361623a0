/** Where the printed class has a defect: what it does, and what the dialect does. The README of the package has the list. */
import { CircuitBreaker, CircuitBreakerOpenError, CircuitBreakerTimeoutError } from '@fusewire/dialects/nerdgraph';
import type { CircuitBreakerConfig } from '@fusewire/dialects/nerdgraph';
import { createMockLogger } from '@test/mocks';
import { isCallTimeoutError, isCircuitOpenError } from 'fusewire';
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

function refusalOf(make: () => unknown): Error {
  try {
    make();
  } catch (error) {
    return error as Error;
  }
  throw new Error('it was made');
}

/** What both do, side by side. */
async function both<T>(play: (breaker: Breaker) => Promise<T>): Promise<{ printed: T; dialect: T }> {
  const make = (Kind: (typeof KINDS)[keyof typeof KINDS]) => new Kind(config, createMockLogger());
  return { printed: await play(make(KINDS.printed)), dialect: await play(make(KINDS.dialect)) };
}

beforeEach(() => vi.useFakeTimers({ now: 0 }));
afterEach(() => vi.useRealTimers());

describe('the dialect differs from the printed class', () => {
  it('successes from before the circuit opened do not close it', async () => {
    const state = await both(async (breaker) => {
      for (let call = 0; call < 3; call++) await breaker.execute(succeed);
      await open(breaker);
      await vi.advanceTimersByTimeAsync(config.retryDelay);
      await breaker.execute(succeed);
      return breaker.getStats().state;
    });
    expect(state).toEqual({ printed: 'CLOSED', dialect: 'HALF_OPEN' });
  });

  it('half-open it admits one call at a time, not all', async () => {
    const admitted = await both(async (breaker) => {
      await open(breaker);
      await vi.advanceTimersByTimeAsync(config.retryDelay);
      const work = vi.fn(() => later(10, fail));
      const calls = Promise.allSettled(Array.from({ length: 20 }, () => breaker.execute(work)));
      await vi.advanceTimersByTimeAsync(10);
      const rejected = (await calls).filter((result) => 'reason' in result && isCircuitOpenError(result.reason));
      return [work.mock.calls.length, rejected.length];
    });
    expect(admitted).toEqual({ printed: [20, 0], dialect: [1, 19] });
  });

  it('a result that comes late decides nothing', async () => {
    const state = await both(async (breaker) => {
      const late = Promise.allSettled([1, 2].map(() => breaker.execute(() => later(900, fail))));
      breaker.reset();
      await vi.advanceTimersByTimeAsync(900);
      await late;
      return breaker.getStats().state;
    });
    expect(state).toEqual({ printed: 'OPEN', dialect: 'CLOSED' });
  });

  it('a call that has settled does not time out afterwards, and leaves no timer', async () => {
    const timeouts = await both(async (breaker) => {
      await breaker.execute(succeed);
      const timers = vi.getTimerCount();
      await vi.advanceTimersByTimeAsync(config.timeout);
      return [timers > 0, breaker.getStats().totalTimeouts];
    });
    expect(timeouts.printed).toEqual([true, 1]);
    expect(timeouts.dialect[1]).toBe(0);
  });

  it('the average is that of all calls that ran', async () => {
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

  it('the state is told as it is, not as the last call has left it', async () => {
    const state = await both(async (breaker) => {
      await open(breaker);
      await vi.advanceTimersByTimeAsync(config.retryDelay);
      return breaker.getStats().state;
    });
    expect(state).toEqual({ printed: 'OPEN', dialect: 'HALF_OPEN' });
  });

  it('a listener or a logger that throws fails no call', async () => {
    vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const came = await both(async (breaker) => {
      breaker.on('success', () => {
        throw new Error('a listener');
      });
      return breaker.execute(succeed).catch((error: Error) => error.message);
    });
    expect(came).toEqual({ printed: 'a listener', dialect: 'fine' });
  });

  it('what is no Error is handed on as it is', async () => {
    const came = await both((breaker) => breaker.execute(() => Promise.reject(null)).catch((error: unknown) => error));
    expect(came.printed).toBeInstanceOf(TypeError);
    expect(came.dialect).toBe(null);
  });

  it('options that make no sense are refused, in the words of the document', () => {
    const wrong = { ...config, failureThreshold: 0, retryDelay: '5s', monitoringWindow: Number.NaN, window: 1 };
    const { timeout: _, ...without } = wrong;
    expect(() => new Printed(wrong as never, createMockLogger())).not.toThrow();
    const error = refusalOf(() => new CircuitBreaker(without as never, createMockLogger()));
    expect(error).toBeInstanceOf(TypeError);
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

describe('the errors are those of fusewire as well', () => {
  it('a rejection', async () => {
    const breaker = new CircuitBreaker(config, createMockLogger());
    const told = vi.fn();
    breaker.on('callRejected', told);
    await open(breaker);
    const call = breaker.execute(succeed);
    expect(told).toHaveBeenCalledTimes(1);
    const error = (await call.catch((rejection: unknown) => rejection)) as CircuitBreakerOpenError;
    expect(error).toBeInstanceOf(CircuitBreakerOpenError);
    expect(isCircuitOpenError(error)).toBe(true);
    expect(error).toMatchObject({ breaker: 'compared', state: 'OPEN', retryAfter: 5_000, circuitBreakerOpen: true });
    expect(error.cause).toMatchObject({ message: 'down' });
    expect(told).toHaveBeenCalledWith({ error, state: 'OPEN' });
  });

  it('a timeout, the same object to the listener and to the caller', async () => {
    const breaker = new CircuitBreaker(config, createMockLogger());
    const told = vi.fn();
    breaker.on('failure', told);
    const call = breaker.execute(() => new Promise(() => undefined)).catch((rejection: unknown) => rejection);
    await vi.advanceTimersByTimeAsync(1_000);
    const error = await call;
    expect(error).toBeInstanceOf(CircuitBreakerTimeoutError);
    expect(isCallTimeoutError(error)).toBe(true);
    expect(error).toMatchObject({ message: 'Timeout after 1000ms', timeout: true });
    expect(told.mock.calls[0]?.[0].error).toBe(error);
    expect(breaker.getStats()).toMatchObject({ totalTimeouts: 1, lastError: 'Timeout after 1000ms' });
  });
});
