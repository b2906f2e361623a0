import { createHash } from 'node:crypto';
import type { StoredMessage } from 'fusewire/kit';

/** Data of a job of pg-boss. */
export interface JobData {
  readonly topic: string;
  readonly key: string;
  /** JSON text. */
  readonly payload: string;
  /** Number of fetches whose operation has failed. */
  readonly failed: number;
  /** Number of fetches that do not count: the operation was not attempted, or the message was revived since. */
  readonly released: number;
  readonly lastError: string | null;
  /** Time of the last `insert` or revival, in milliseconds, by the clock of that process. */
  readonly enqueuedAt: number;
}

/** Row of the job table that becomes a message. */
export interface JobRow {
  readonly id: string;
  readonly data: JobData;
  /** Number of fetches before the present one. */
  readonly retryCount: number;
}

/** Limit of retries that a job never reaches: the consumer, not pg-boss, gives a message up. */
export const NO_LIMIT = 2_000_000_000;
/** Seconds that pg-boss keeps a job that waits: ten years. */
const RETENTION = 315_360_000;
/** Seconds after which pg-boss takes an operation for hanging, although it sends heartbeats: the longest that it allows. */
const EXPIRATION = 86_400;

/** Returns the options of jobs. Nothing but the queue retries, expires or deletes them. */
export function jobOptions(heartbeatSeconds: number) {
  return {
    retryLimit: NO_LIMIT,
    retryDelay: 0,
    retryBackoff: false,
    retentionSeconds: RETENTION,
    deleteAfterSeconds: 0,
    expireInSeconds: EXPIRATION,
    heartbeatSeconds,
  };
}

/** Returns the id of the job of a message. Every key of a topic has its own, so that the primary key finds duplicates. */
export function jobId(topic: string, key: string): string {
  const hash = createHash('sha256').update(`${topic.length}:${topic}${key}`).digest('hex');
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-a${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}

/** Whether `id` may be the id of a job. PostgreSQL reports an error for others. */
export function isJobId(id: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id);
}

/** Returns the name of the queue in pg-boss, which allows letters, digits, `_`, `-`, `.` and `/`. */
export function queueName(prefix: string, topic: string): string {
  const hex = (character: string) => `/${Buffer.from(character).toString('hex')}.`;
  return `${prefix}/${topic.replace(/[^\w-]/gu, hex)}`;
}

export function toMessage({ id, data, retryCount }: JobRow): StoredMessage {
  const { topic, key, payload, failed, released, lastError, enqueuedAt } = data;
  const age = Math.max(0, Date.now() - enqueuedAt);
  const abandoned = Math.max(0, retryCount - failed - released);
  return { id, topic, key, payload, attempts: retryCount + 1 - released, abandoned, lastError, age };
}
