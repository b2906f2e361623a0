import type { Queue, QueueMessage, QueueReceipt } from 'fusewire/queue';
import { Batches } from './batches.ts';

/** Returns a queue whose `enqueue` adds many messages with one statement, when many come at once. */
export function batchedQueue<Payload>(queue: Queue<Payload>): Queue<Payload> {
  const batches = new Batches<QueueMessage<Payload>, QueueReceipt>({
    run: (messages) => queue.enqueueAll(messages),
    isOfOneItem: (error) => error instanceof TypeError || error instanceof RangeError,
  });
  return new Proxy(queue, {
    get(target, property) {
      if (property === 'enqueue') return (message: QueueMessage<Payload>) => batches.add(message);
      const value = Reflect.get(target, property) as unknown;
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
