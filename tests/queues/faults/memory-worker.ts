import { memoryQueue } from 'fusewire/queue';
import { work } from '../worker.ts';

const [, folder, who, isLast] = process.argv.slice(2) as [string, string, string, string];
await work(memoryQueue({ maxSize: 1_000_000 }), folder, who, isLast === 'true');
