import type { ConnectionOptions, Job } from 'bullmq';
import type { StoredMessage } from 'fusewire/kit';

/** Validated options of a queue. */
export interface BullmqQueueSettings {
  readonly name: string;
  readonly connection: ConnectionOptions;
  readonly prefix: string;
  readonly stalledInterval: number;
}

/** Data of a job of BullMQ. */
export interface JobData {
  readonly key: string;
  readonly payload: string;
  /** Number of stalls before the last revival, which do not count as attempts. */
  readonly stalls: number;
  /** Time of the last `insert` or revival, by the clock of that process. */
  readonly enqueuedAt?: number;
}

/** Limit of attempts and stalls that a job never reaches: the consumer, not BullMQ, gives a message up. */
export const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/** Error codes of BullMQ for a job that does not exist, is locked under another token, or is in another state. */
const NOT_LEASED: ReadonlySet<unknown> = new Set([-1, -2, -3, -6]);

/** Whether BullMQ has refused to change a job because the caller does not hold its lock. */
export function isNotLeased(error: unknown): boolean {
  return NOT_LEASED.has((error as { readonly code?: unknown } | null)?.code);
}

/** Returns the id of a message, which names its topic. */
export function messageId(topic: string, jobId: string): string {
  return `${encodeURIComponent(topic)}/${jobId}`;
}

/** @param running 1 if an attempt is under way, which BullMQ has not counted yet. */
export function toMessage(topic: string, job: Job<JobData>, running: 0 | 1): StoredMessage {
  const { id, data, attemptsMade, stalledCounter, failedReason, timestamp } = job;
  const { key, payload, stalls, enqueuedAt = timestamp } = data;
  const abandoned = stalledCounter - stalls;
  return {
    id: messageId(topic, id as string),
    topic,
    key,
    payload,
    attempts: attemptsMade + abandoned + running,
    abandoned,
    lastError: failedReason ?? null,
    age: Math.max(0, Date.now() - enqueuedAt),
  };
}
