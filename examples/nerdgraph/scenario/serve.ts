/** Runs the program beside a stand-in for New Relic until it is stopped. With REAL=1, New Relic is that of the environment. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createContainer } from '../src/infrastructure/config/container.ts';
import { TYPES } from '../src/infrastructure/config/types.ts';
import type { Platform } from '../src/platform.ts';
import { NewRelic } from '../upstreams/new-relic.ts';
import { entities } from './fixture.ts';

const INTERVAL = 5_000;

const newRelic = process.env['REAL'] === '1' ? undefined : new NewRelic();
const folder = mkdtempSync(path.join(tmpdir(), 'nerdgraph-'));
const DATABASE = path.join(folder, 'nerdgraph.db');
const local = newRelic && { REPORT_INTERVAL: '5000', DATABASE, ...(await newRelic.listen()) };
const container = await createContainer({ ...local, ...process.env }, console);
const platform = container.get<Platform>(TYPES.Platform);
await platform.start();
let next = 1;
const timer = setInterval(() => {
  platform.entities.streamEntities(entities(100, next)).catch(console.error);
  next += 100;
  if (newRelic !== undefined) console.log(`New Relic has ${newRelic.events.length} events`);
}, INTERVAL);
console.log(`Streaming 100 entities each ${INTERVAL / 1_000} s. Ctrl-C stops.`);
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
clearInterval(timer);
await platform.stop();
await newRelic?.close();
rmSync(folder, { recursive: true, force: true });
