import type { Queue } from 'fusewire/queue';

/** Returns a queue with some other methods. */
export function overriding(queue: Queue<number>, methods: Partial<Queue<number>>): Queue<number> {
  return {
    enqueue: (message, options) => queue.enqueue(message, options),
    consume: (options, handler) => queue.consume(options, handler),
    deadLetters: (options) => queue.deadLetters(options),
    revive: (id) => queue.revive(id),
    discard: (id) => queue.discard(id),
    size: (topic) => queue.size(topic),
    close: (options) => queue.close(options),
    ...methods,
  };
}
