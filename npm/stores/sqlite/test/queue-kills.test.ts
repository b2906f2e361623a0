import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sqliteQueue } from '@fusewire/sqlite';
import { survivesKills } from '../../../../tests/queues/kills.ts';

const path = join(mkdtempSync(join(tmpdir(), 'fusewire-queue-')), 'queue.db');

survivesKills({
  name: 'SQLite',
  program: fileURLToPath(new URL('queue-worker.ts', import.meta.url)),
  where: () => path,
  open: () => sqliteQueue({ path }),
});
