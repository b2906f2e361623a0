import { sqliteQueue } from '@fusewire/sqlite';
import { work } from '../../../../tests/queues/worker.ts';

const [path, folder, who, isLast] = process.argv.slice(2) as [string, string, string, string];
await work(sqliteQueue({ path }), folder, who, isLast === 'true');
