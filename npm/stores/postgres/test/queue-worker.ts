import { postgresQueue } from '@fusewire/postgres';
import { work } from '../../../../tests/queues/worker.ts';

const [connectionString, folder, who, isLast] = process.argv.slice(2) as [string, string, string, string];
await work(postgresQueue({ connectionString }), folder, who, isLast === 'true');
