import { mock } from 'node:test';
import type { Retry } from 'fusewire';
import { turn } from './support.ts';

/** Time at which the mocked clock starts. */
export const NOW = 1_700_000_000_000;

/** Returns the stats of a retry: all zero, except for the values passed. */
export function stats(different: Partial<ReturnType<Retry['getStats']>>): ReturnType<Retry['getStats']> {
  return {
    name: 'retry',
    totalCalls: 0,
    totalSuccesses: 0,
    totalFailures: 0,
    inFlight: 0,
    totalRetries: 0,
    totalRecovered: 0,
    totalExhausted: 0,
    totalOverBudget: 0,
    totalUnknownOutcomes: 0,
    predicateErrors: 0,
    ...different,
  };
}

/** Moves the mocked clock in steps of 10 ms, and lets pending work run after each. */
export async function advance(milliseconds: number): Promise<void> {
  await turn();
  for (let time = 0; time < milliseconds; time += 10) {
    mock.timers.tick(10);
    await turn();
  }
}

/** Returns the time at which each run started, in milliseconds from now. */
export async function timesOf(call: Promise<unknown>, runs: () => number, until: number): Promise<number[]> {
  call.catch(() => undefined);
  const times: number[] = [];
  for (let time = 0; time <= until; time++) {
    await turn();
    while (times.length < runs()) times.push(time);
    mock.timers.tick(1);
  }
  return times;
}

/** Returns how long a call that failed with `error` waits for its second attempt. */
export async function waitAfter(policy: Retry, error: object): Promise<number> {
  let repeated: number | undefined;
  const startedAt = Date.now();
  const call = policy.execute(({ attempt }) => {
    if (attempt > 1) return (repeated = Date.now() - startedAt);
    return Promise.reject(Object.assign(new Error('busy'), error));
  });
  await turn();
  for (const step of [5, 5, 290, 200, 500, 234]) {
    mock.timers.tick(step);
    await turn();
  }
  for (let time = 1_234; repeated === undefined && time < 40_000; time++) {
    mock.timers.tick(1);
    await turn();
  }
  await call;
  return repeated as number;
}

/** Records process warnings until the returned function is called, which resolves with their messages. */
export function recordWarnings(): () => Promise<string[]> {
  const messages: string[] = [];
  const listener = ({ message }: Error) => messages.push(message);
  process.on('warning', listener);
  return async () => {
    await turn();
    process.off('warning', listener);
    return messages;
  };
}
