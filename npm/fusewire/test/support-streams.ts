import assert from 'node:assert/strict';
import type { BreakerStats, CircuitBreaker } from 'fusewire';

export async function* numbers(count: number, error?: Error): AsyncGenerator<number> {
  for (let number = 1; number <= count; number++) yield number;
  if (error !== undefined) throw error;
}

export async function readAll(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const items = [];
  for await (const each of stream) items.push(each);
  return items;
}

export function counts(
  breaker: CircuitBreaker,
): Pick<BreakerStats, 'totalSuccesses' | 'totalFailures' | 'totalIgnored'> {
  const { totalSuccesses, totalFailures, totalIgnored, inFlight } = breaker.getStats();
  assert.equal(inFlight, 0);
  return { totalSuccesses, totalFailures, totalIgnored };
}

export const only = (name: 'totalSuccesses' | 'totalFailures' | 'totalIgnored') => ({
  totalSuccesses: 0,
  totalFailures: 0,
  totalIgnored: 0,
  [name]: 1,
});
