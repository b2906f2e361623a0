import type { PostgresPool, QueryResult } from '../connection.ts';

/** Milliseconds after which a statement without an answer is given up. */
const LONGEST_WAIT = 10_000;

/**
 * Returns a pool whose queries reject if they get no answer in 10 s. The pool of a program may have no timeout, and would wait a
 * quarter of an hour for a connection that the network has lost. The statement itself may still run.
 */
export function withDeadline(pool: PostgresPool): PostgresPool {
  return {
    query: (statement) =>
      new Promise<QueryResult>((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`Metrics postgres: no answer within ${LONGEST_WAIT} ms`)),
          LONGEST_WAIT,
        );
        const end = () => clearTimeout(timer);
        // A pool that throws rejects, too.
        void (async () => pool.query(statement))().then(resolve, reject).finally(end);
      }),
  };
}
