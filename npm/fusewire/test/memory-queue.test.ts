import assert from 'node:assert/strict';
import { it } from 'node:test';
import { memoryQueue } from 'fusewire/queue';
import { behavesAsQueue } from '../../../tests/queues/behaviour.ts';
import { rejection } from './support.ts';

behavesAsQueue({
  name: 'memory',
  open: () => memoryQueue(),
  durable: false,
  invalidOptions: [
    ['maxSize', () => memoryQueue({ maxSize: 0 })],
    ['maxSize', () => memoryQueue({ maxSize: 1.5 })],
    ['maxSize', () => memoryQueue({ maxSize: '1' as never })],
    ['size', () => memoryQueue({ size: 1 } as never)],
    ['options', () => memoryQueue(null as never)],
  ],
});

it('memoryQueue() rejects messages beyond maxSize', async () => {
  const queue = memoryQueue({ maxSize: 2 });
  await queue.enqueue({ key: 'one', payload: 1 });
  await queue.enqueue({ key: 'two', payload: 2 });
  assert.equal((await queue.enqueue({ key: 'two', payload: 2 })).duplicate, true);
  assert.match(String(await rejection(queue.enqueue({ key: 'three', payload: 3 }))), /it is full, with 2 messages/);
  const lease = await queue.claim(1_000);
  assert.ok(lease !== undefined);
  await queue.complete(lease);
  assert.equal((await queue.enqueue({ key: 'three', payload: 3 })).duplicate, false);
});
