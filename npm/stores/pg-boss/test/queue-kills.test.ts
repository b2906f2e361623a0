import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { pgBossQueue } from '@fusewire/pg-boss';
import { survivesKills } from '../../../../tests/queues/kills.ts';
import { startPostgres } from '../../../../tests/queues/servers.ts';
import type { Server } from '../../../../tests/queues/servers.ts';

let server: Server;
const connectionString = () => `postgres://postgres@127.0.0.1:${server.port}/postgres`;

before(async () => void (server = await startPostgres()));
after(() => server.stop());

survivesKills({
  name: 'pg-boss',
  program: fileURLToPath(new URL('queue-worker.ts', import.meta.url)),
  where: () => connectionString(),
  open: () => pgBossQueue({ connectionString: connectionString() }),
  crash: () => server.crash(),
});
