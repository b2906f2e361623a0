import assert from 'node:assert/strict';
import { fallback } from 'fusewire';
import { memoryQueue, queued } from 'fusewire/queue';
import type { CircuitBreaker } from 'fusewire';
import type { Queue, Queued, QueuedEvents, QueuedOptions } from 'fusewire/queue';
import { answered, turn } from './support.ts';
import type { ManualClock } from './support.ts';
import { fails } from './support-fallback.ts';

/** Creates a queued fallback for orders. The number of an order is its key and its payload. */
export function orders(options: Partial<QueuedOptions<number>> = {}) {
  const queue = (options.queue ?? memoryQueue<number>()) as Queue<number>;
  const done: number[] = [];
  const strategy: Queued = queued<number>({
    queue,
    topic: 'orders',
    payload: ({ args: [number] }) => number as number,
    operation: (number) => done.push(number),
    retryDelay: 0,
    pollInterval: 10,
    ...options,
  });
  const policy = fallback([strategy as Queued<false>]);
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

/** Returns the next event of that name. */
export function next<Name extends keyof QueuedEvents>(strategy: Queued, name: Name): Promise<QueuedEvents[Name]> {
  return new Promise((resolve) => strategy.once(name, resolve));
}

/** Lets everything run that waits for no timer. */
export async function settle(): Promise<void> {
  for (let index = 0; index < 10; index++) await turn();
}
