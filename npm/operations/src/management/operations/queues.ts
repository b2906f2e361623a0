import type { DeadLetter, DeadLetterOptions, Queue, QueueSize } from 'fusewire/queue';
import { redactText } from '../../redaction.ts';
import type { Field } from '../fields.ts';
import { RequestProblem } from '../problem.ts';
import { REASON, reasonOf } from './operation.ts';
import type { Operation, Services } from './operation.ts';

/** Queue as far as the management API uses it. Every queue of fusewire is one. */
export interface ManagedQueue extends Pick<Queue, 'size' | 'revive' | 'discard'> {
  /** Returns a page of dead letters. */
  deadLetters(
    options?: DeadLetterOptions,
  ): Promise<{ readonly letters: readonly DeadLetterView[]; next: string | null }>;
}

/** Queue as a list shows it. */
export interface QueueView extends Partial<QueueSize> {
  readonly name: string;
  /** Set if the queue could not be read. */
  readonly error?: string;
}

/** Dead letter as a list shows it. The payload stays in the queue. */
export type DeadLetterView = Pick<DeadLetter, 'id' | 'topic' | 'key' | 'attempts' | 'lastError'>;

const QUEUE: Field = { in: 'path', type: 'text', most: 200, required: true, description: 'Name of the queue.' };
const ID: Field = { in: 'path', type: 'text', most: 512, required: true, description: 'Id of the dead letter.' };

const queues: Operation = {
  access: 'read',
  summary: 'List the queues with their sizes.',
  needs: 'queues',
  fields: {},
  result: 'QueueList',
  async run(services) {
    const views = [...services.queues].map(async ([name, queue]): Promise<QueueView> => {
      try {
        const { waiting, running, dead, oldestAge } = await services.guarded('a queue', () => queue.size());
        return { name, waiting, running, dead, oldestAge };
      } catch {
        return { name, error: 'The queue could not be read; the log of the program has the error' };
      }
    });
    return { body: { queues: await Promise.all(views) } };
  },
};

const deadLetters: Operation = {
  access: 'read',
  summary: 'List a page of the dead letters of a queue, the oldest first, without their payloads.',
  needs: 'queues',
  fields: {
    queue: QUEUE,
    topic: { in: 'query', type: 'text', most: 200, description: 'Only dead letters of this topic.' },
    limit: { in: 'query', type: 'integer', least: 1, most: 1_000, description: 'Most dead letters. Default 100.' },
    after: { in: 'query', type: 'text', most: 1_000, description: 'Value `next` of the page before.' },
  },
  result: 'DeadLetterList',
  statuses: [404],
  async run(services, input) {
    const queue = queueOf(services, input['queue'] as string);
    const { topic, limit, after } = input as { topic?: string; limit?: number; after?: string };
    const { letters, next } = await services.guarded('a queue', () => queue.deadLetters({ topic, limit, after }));
    const shown = letters.map(({ id, topic: its, key, attempts, lastError }): DeadLetterView => {
      return { id, topic: its, key: redactText(key), attempts, lastError: redacted(lastError) };
    });
    return { body: { deadLetters: shown, next } };
  },
};

function redacted(text: string | null): string | null {
  return text === null ? null : redactText(text, 1_000);
}

function settle(method: 'revive' | 'discard', summary: string, done: string): Operation {
  return {
    access: 'change',
    summary,
    needs: 'queues',
    fields: { queue: QUEUE, id: ID, reason: REASON },
    result: 'DeadLetterResult',
    statuses: [404],
    async run(services, input) {
      const { queue: name, id } = input as { queue: string; id: string };
      const queue = queueOf(services, name);
      if (!(await services.guarded('a queue', () => queue[method](id))))
        throw new RequestProblem('not-found', 'The queue has no dead letter with this id');
      return {
        body: { queue: name, id },
        change: {
          breaker: null,
          summary: `${done} of the queue ${name}`,
          reason: reasonOf(input),
          details: { queue: name, id },
        },
      };
    },
  };
}

const retryDeadLetter = settle('revive', 'Return a dead letter to its queue.', 'retried a dead letter');
const discardDeadLetter = settle('discard', 'Delete a dead letter.', 'discarded a dead letter');

function queueOf(services: Services, name: string): ManagedQueue {
  const queue = services.queues.get(name);
  if (queue === undefined) throw new RequestProblem('not-found', 'There is no queue of this name');
  return queue;
}

/** Operations on queues. */
export const queueOperations = { queues, deadLetters, retryDeadLetter, discardDeadLetter } as const;
