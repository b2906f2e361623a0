import assert from 'node:assert/strict';
import { it } from 'node:test';
import { memoryQueue } from 'fusewire/queue';
import { queueContract } from '@fusewire/testing/queue';
import { MemoryQueueStore } from '../src/queue/memory-queue.ts';
import { rejection } from './support.ts';

queueContract({
  name: 'memory',
  open: (_, limits) => memoryQueue(limits),
  openStore: () => new MemoryQueueStore(),
  durable: false,
  groups: true,
  invalidOptions: [
    ['maxSize', () => memoryQueue({ maxSize: 0 })],
    ['maxSize', () => memoryQueue({ maxSize: 1.5 })],
    ['maxSize', () => memoryQueue({ maxSize: '1' as never })],
    ['maxPayload', () => memoryQueue({ maxPayload: 0 })],
    ['maxPayload', () => memoryQueue({ maxPayload: '1' as never })],
    ['maxDeadAge', () => memoryQueue({ maxDeadAge: 999 })],
    ['size', () => memoryQueue({ size: 1 } as never)],
    ['options', () => memoryQueue(null as never)],
  ],
});

it('memoryQueue() rejects messages beyond maxSize', async () => {
  const queue = memoryQueue({ maxSize: 2 });
  await queue.enqueue({ key: 'one', payload: 1 });
  await queue.enqueue({ key: 'two', payload: 2 });
  assert.equal((await queue.enqueue({ key: 'two', payload: 2 })).status, 'waiting');
  assert.match(
    String(await rejection(queue.enqueue({ key: 'three', payload: 3 }))),
    /it is full, with 2 messages of at most 2/,
  );
  const consumer = queue.consume({}, () => consumer.pause());
  await new Promise((resolve) => consumer.on('done', resolve));
  assert.equal((await queue.enqueue({ key: 'three', payload: 3 })).status, 'new');
  await consumer.close();
});
