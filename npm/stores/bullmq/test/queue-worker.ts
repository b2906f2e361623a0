import { bullmqQueue } from '@fusewire/bullmq';
import { work } from '../../../../tests/queues/worker.ts';

const [port, folder, who, isLast] = process.argv.slice(2) as [string, string, string, string];
const connection = { host: '127.0.0.1', port: Number(port) };
await work(bullmqQueue({ connection, stalledInterval: 100 }), folder, who, isLast === 'true');
