import { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { bullmqQueue } from '@fusewire/queue-bullmq';
import { survivesKills } from '../../../tests/queues/kills.ts';
import { startRedis } from '../../../tests/queues/servers.ts';
import type { Server } from '../../../tests/queues/servers.ts';

let server: Server;
const worker = fileURLToPath(new URL('worker.ts', import.meta.url));

before(async () => void (server = await startRedis()));
after(() => server.stop());

survivesKills(
  'BullMQ',
  worker,
  () => [String(server.port)],
  () => bullmqQueue({ connection: { host: '127.0.0.1', port: server.port } }),
);
