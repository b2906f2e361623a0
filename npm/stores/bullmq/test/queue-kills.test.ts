import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { bullmqQueue } from '@fusewire/bullmq';
import { survivesKills } from '../../../../tests/queues/kills.ts';
import { startRedis } from '../../../../tests/queues/servers.ts';
import type { Server } from '../../../../tests/queues/servers.ts';

let server: Server;

before(async () => void (server = await startRedis()));
after(() => server.stop());

survivesKills({
  name: 'BullMQ',
  program: fileURLToPath(new URL('queue-worker.ts', import.meta.url)),
  where: () => String(server.port),
  open: () => bullmqQueue({ connection: { host: '127.0.0.1', port: server.port } }),
  crash: () => server.crash(),
});
