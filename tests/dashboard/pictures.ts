/** Takes the pictures of the dashboard for the docs: `npm run pictures`. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { launch } from '../../docs/test/site/browser.ts';
import { startProgram } from './program.ts';
import type { Program } from './program.ts';

const FOLDER = join(import.meta.dirname, '../../docs/pictures');
/** Milliseconds of traffic before the pictures, so that charts have something to show. */
const TRAFFIC = 60_000;
/** Time at which some dependency fails, in milliseconds after the start. */
const OUTAGE = 30_000;

const DEPENDENCIES = {
  mpesa: { calls: 12, latency: 40 },
  pesapal: { calls: 6, latency: 90 },
  'bank-transfer': { calls: 3, latency: 160 },
  sms: { calls: 20, latency: 25 },
  email: { calls: 8, latency: 60 },
  whatsapp: { calls: 5, latency: 30 },
  inventory: { calls: 30, latency: 8 },
  search: { calls: 45, latency: 12 },
} as const;

type Name = keyof typeof DEPENDENCIES;
const FAILING: readonly Name[] = ['pesapal', 'email'];

const program = await startProgram(Object.keys(DEPENDENCIES), {}, { failureThreshold: 5, resetTimeout: 8_000 });
const started = Date.now();
const timers = (Object.keys(DEPENDENCIES) as Name[]).map((name) =>
  setInterval(() => void call(program, name), 1_000 / DEPENDENCIES[name].calls),
);
const browser = await launch();
mkdirSync(FOLDER, { recursive: true });
const list = await browser.newPage();
await list.setViewport({ width: 1_280, height: 560 });
await list.goto(program.url);
const detail = await browser.newPage();
await detail.setViewport({ width: 1_280, height: 1_060 });
await detail.goto(`${program.url}#/breaker//pesapal`);
await sleep(TRAFFIC / 2);
await fetch(`${program.origin}ops/breakers/bank-transfer/force-open`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ reason: 'the bank maintains its API until 6', holder: 'ana', ttl: 3_600_000 }),
});
await sleep(TRAFFIC / 2);
// A tab in the background is not drawn.
await list.bringToFront();
await sleep(1_500);
await list.screenshot({ path: join(FOLDER, 'dashboard-list.png') });
await list.setViewport({ width: 390, height: 720 });
await list.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]);
await sleep(1_500);
await list.screenshot({ path: join(FOLDER, 'dashboard-phone.png') });
await detail.bringToFront();
await sleep(1_500);
await detail.screenshot({ path: join(FOLDER, 'dashboard-breaker.png') });
await browser.close();
for (const timer of timers) clearInterval(timer);
await program.close();

async function call({ breakers }: Program, name: Name): Promise<void> {
  const { latency } = DEPENDENCIES[name];
  const isAway = FAILING.includes(name) && Date.now() - started > OUTAGE;
  const work = async () => {
    await sleep(latency * (0.5 + Math.random()));
    if (isAway || Math.random() < 0.004) throw new Error('connect ECONNREFUSED 127.0.0.1:8443');
  };
  await breakers
    .for(name)
    .execute(work)
    .catch(() => undefined);
}
