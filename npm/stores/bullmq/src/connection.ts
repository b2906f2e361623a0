import type { ConnectionOptions } from 'bullmq';

/**
 * Milliseconds without an answer after which a connection is closed and opened again. Without it, a connection that a network
 * has lost would hang until the operating system gives it up, which takes a quarter of an hour. A command of BullMQ waits for
 * jobs for 10 s at most.
 */
const SOCKET_TIMEOUT = 15_000;

/** Number of times that ioredis repeats a command while Redis is away. */
const MAX_RETRIES_PER_REQUEST = 3;

/**
 * Returns connection options under which a command rejects while Redis is away. BullMQ would repeat it until Redis is
 * back, which is too long for a caller of `enqueue`. A client of ioredis stays as it is.
 */
export function failFast(connection: ConnectionOptions): ConnectionOptions {
  const patient = withTimeout(connection);
  return patient === connection ? connection : { maxRetriesPerRequest: MAX_RETRIES_PER_REQUEST, ...patient };
}

/** Returns connection options with a timeout for lost connections. A client of ioredis stays as it is. */
export function withTimeout(connection: ConnectionOptions): ConnectionOptions {
  const isClient = typeof (connection as { connect?: unknown }).connect === 'function';
  return isClient ? connection : ({ socketTimeout: SOCKET_TIMEOUT, ...connection } as ConnectionOptions);
}
