import type { ConnectionOptions } from 'bullmq';

/** Number of times that ioredis repeats a command while Redis is away. */
const MAX_RETRIES_PER_REQUEST = 3;

/**
 * Returns connection options under which a command rejects while Redis is away. BullMQ would repeat it until Redis is
 * back, which is too long for a caller of `enqueue`. A client of ioredis stays as it is.
 */
export function failFast(connection: ConnectionOptions): ConnectionOptions {
  const isClient = typeof (connection as { connect?: unknown }).connect === 'function';
  return isClient ? connection : { maxRetriesPerRequest: MAX_RETRIES_PER_REQUEST, ...connection };
}
