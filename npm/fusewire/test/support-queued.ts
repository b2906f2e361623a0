import assert from 'node:assert/strict';
import { fallback } from 'fusewire';
import { memoryQueue, queued } from 'fusewire/queue';
import type { CircuitBreaker } from 'fusewire';
import type { QueuedOptions } from 'fusewire/queue';
import { answered } from './support.ts';
import type { ManualClock } from './support.ts';
import { fails } from './support-fallback.ts';

/** Creates a queued fallback for orders. The number of an order is its key and its payload. */
export function orders(options: Partial<QueuedOptions<number>> = {}) {
  const queue = memoryQueue<number>();
  const done: number[] = [];
  const strategy = queued<number>({
    queue,
    idempotencyKey: ({ key }) => key as string,
    payload: ({ args: [number] }) => number as number,
    operation: (number) => done.push(number),
    retryDelay: 0,
    ...options,
  });
  const policy = fallback([strategy]);
  const enqueue = async (number: number, work: () => unknown = fails) => {
    const result = await policy.tryExecute(work, { key: `order ${number}`, args: [number] });
    if (result.status === 'failure') throw result.error;
    return answered(Promise.resolve(result));
  };
  return { queue, done, strategy, policy, enqueue };
}

/** Closes an open circuit with two successful probes. */
export async function close(breaker: CircuitBreaker, clock: ManualClock): Promise<void> {
  clock.advance(1_000);
  for (let probe = 0; probe < 2; probe++) await breaker.execute(() => 1);
  assert.equal(breaker.state, 'CLOSED');
}
