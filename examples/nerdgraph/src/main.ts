/** The program: reads entities as lines of JSON from its standard input, and streams them to New Relic. */
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { createContainer } from './infrastructure/config/container.ts';
import { TYPES } from './infrastructure/config/types.ts';
import type { Platform } from './platform.ts';
import type { Entity } from './streaming/entity-streamer.ts';

const container = await createContainer(process.env, console);
const platform = container.get<Platform>(TYPES.Platform);
await platform.start();
createInterface({ input: process.stdin }).on('line', (line) => {
  const entities = JSON.parse(line) as Entity[];
  platform.entities.streamEntities(entities).then(
    () => console.log(`stored ${entities.length}`),
    (error: unknown) => console.error('Entities were not stored:', error),
  );
});
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
await platform.stop();
process.exit();
