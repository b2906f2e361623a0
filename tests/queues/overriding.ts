import type { Queue } from 'fusewire/queue';

/** Returns a queue with some other methods. */
export function overriding(queue: Queue<number>, methods: Partial<Queue<number>>): Queue<number> {
  return {
    enqueue: (message, options) => queue.enqueue(message, options),
    enqueueAll: (messages, options) => queue.enqueueAll(messages, options),
    consume: (options, handler) => queue.consume(options, handler),
    deadLetters: (options) => queue.deadLetters(options),
    revive: (id) => queue.revive(id),
    reviveAll: (selection) => queue.reviveAll(selection),
    discard: (id) => queue.discard(id),
    discardAll: (selection) => queue.discardAll(selection),
    size: (topic) => queue.size(topic),
    health: () => queue.health(),
    close: (options) => queue.close(options),
    ...methods,
  };
}
