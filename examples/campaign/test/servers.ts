/** Servers of this machine, which the tests of the repository start. */
import { after } from 'node:test';
import { startPostgres as postgres, startRedis as redis } from '../../../tests/queues/servers.ts';

/** Starts a PostgreSQL for the tests of a file, and returns its connection string. */
export async function startPostgres(): Promise<string> {
  const server = await postgres();
  after(() => server.stop());
  return `postgres://postgres@127.0.0.1:${server.port}/postgres`;
}

/** Starts a Redis for the tests of a file, and returns it with its URL. */
export async function startRedis() {
  const server = await redis();
  after(() => server.stop());
  return { url: `redis://127.0.0.1:${server.port}`, stop: () => server.stop() };
}
