import { pgBossQueue } from '@fusewire/pg-boss';
import { work } from '../../../../tests/queues/worker.ts';

const [connectionString, folder, who, isLast] = process.argv.slice(2) as [string, string, string, string];
await work(pgBossQueue({ connectionString, heartbeatSeconds: 10 }), folder, who, isLast === 'true');
