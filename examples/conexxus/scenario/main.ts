/** A day with an outage, a hundred times as fast: what the document promises, with the figures of this machine. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import axios from 'axios';
import { CircuitBreaker } from '@fusewire/dialects/conexxus';
import { createApp } from '../src/app.ts';
import { ConexxusHttpClient } from '../src/integrations/conexxus/conexxus-http.client.ts';
import { ConexxusService } from '../src/integrations/conexxus/conexxus.service.ts';
import { SyncFailures } from '../src/integrations/conexxus/sync-failures.ts';
import { Operations } from '../src/operations/operations.ts';
import { PrismaService } from '../src/prisma/prisma.service.ts';
import { quantile, Report, shown, timed } from './report.ts';
import { Upstream } from './upstream.ts';

const SCALE = 100;
const KEY = 'key-of-the-scenario';
const TOKEN = 'token-of-the-operators';
const quiet = { log() {}, warn() {}, error() {}, fatal() {} };

const report = new Report();
const folder = mkdtempSync(path.join(tmpdir(), 'conexxus-'));
const upstream = new Upstream(KEY);
const variables = {
  DATABASE_URL: `file:${path.join(folder, 'conexxus.db')}`,
  CONEXXUS_API_URL: await upstream.listen(),
  CONEXXUS_API_KEY: KEY,
  CONEXXUS_TIMEOUT: String(30_000 / SCALE),
  CONEXXUS_RETRY_DELAY: String(1_000 / SCALE),
  CONEXXUS_OPEN_TIME: '3000',
  OPS_TOKEN: TOKEN,
};
const start = (others: Readonly<Record<string, string>> = {}) =>
  createApp({ variables: { ...variables, ...others }, timeOfDay: () => Date.UTC(2026, 0, 2, 3), logger: quiet });

report.title('1  A wrong configuration');
const wrong = await start({ CONEXXUS_API_URL: 'https://api.example.com', CONEXXUS_API_KEY: 'short' }).then(
  () => '',
  (error: Error) => error.message,
);
report.line(wrong);
report.check('does not start, and names both problems', /API_URL points to example domain.*API_KEY/.test(wrong));

const app = await start();
await app.listen(0, '127.0.0.1');
const url = await app.getUrl();
const conexxus = app.get(ConexxusService, { strict: false });
const operations = app.get(Operations, { strict: false });
const prisma = app.get(PrismaService, { strict: false });
const breaker = app.get(CircuitBreaker, { strict: false }).engine;
const client = app.get(ConexxusHttpClient, { strict: false });
// The client alone, so that the database is not measured.
const fetchItems = () => client.fetchInventoryItems();
const sync = () => timed(() => conexxus.syncInventory());
const ask = (method: string, route: string, body?: object) =>
  fetch(url + route, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });

report.title('2  A healthy API');
const bare = axios.create({ baseURL: variables.CONEXXUS_API_URL, headers: { Authorization: `Bearer ${KEY}` } });
const [withoutBreaker, withBreaker]: [number[], number[]] = [[], []];
for (let call = 0; call < 50; call++) {
  withoutBreaker.push((await timed(() => bare.get('/api/v1/inventory/items'))).took);
  withBreaker.push((await timed(fetchItems)).took);
}
await conexxus.syncInventory();
await prisma.sale.createMany({ data: ['A1', 'B2'].map((sku) => ({ sku, quantity: 1 })) });
report.check('stores the inventory, and pushes the sales', (await conexxus.pushSales()).sales === 2);

report.title('3  The API hangs, and five shops synchronise');
upstream.behaviour = 'hanging';
const alert = new Promise<string>((resolve) => void operations.alerts.on('firing', ({ summary }) => resolve(summary)));
const hanging = await Promise.all(Array.from({ length: 5 }, sync));
const down = Math.max(...hanging.map(({ took }) => took));
report.check(
  'every call fails after the time of three attempts',
  hanging.every(({ error }) => error !== undefined),
);
report.check('the circuit is open', conexxus.getCircuitBreakerStats().state === 'OPEN');
report.line(`alert: ${await alert}`);

report.title('4  The circuit is open');
const before = upstream.requests;
const rejected: number[] = [];
for (let call = 0; call < 400; call++) rejected.push((await timed(fetchItems)).took);
report.check('400 calls send no request', upstream.requests === before);
const response = await ask('POST', '/conexxus/sync/inventory');
report.check(
  `over HTTP: ${response.status}, Retry-After ${response.headers.get('retry-after')}`,
  response.status === 503,
);
const { state, isHealthy, lastError } = await conexxus.getHealthStatus();
report.check(`health: ${state}, ${lastError}`, !isHealthy);

report.title('5  EventLog');
const writing = await timed(() => operations.events.flush());
const counts = await app.get(SyncFailures, { strict: false }).byOperation();
for (const [type, count] of Object.entries(counts)) report.line(`${type}: ${count}`);
report.check('has a row for each failed call', counts['conexxus.sync.failed.fetch_inventory'] === 5 + 400 + 1);

report.title('6  The API is back');
upstream.behaviour = 'healthy';
await breaker.ready();
const recovery = [(await sync()).took, (await sync()).took];
report.check('two successes close the circuit', conexxus.getCircuitBreakerStats().state === 'CLOSED');

report.title('7  Maintenance');
await ask('POST', '/ops/breakers/conexxus/force-open', { reason: 'maintenance of Conexxus', ttl: 1_000 });
report.check('the operator holds the circuit open', (await sync()).error !== undefined);
await breaker.ready();
report.check('and it closes at the end of the window', (await sync()).error === undefined);
const metrics = await (await ask('GET', '/ops/metrics')).text();
for (const line of metrics.match(/^fusewire_transitions_total\{.*$/gm) ?? []) report.line(line);
await app.close();

report.title('8  Roll-back: the variables are gone');
const off = await start({ CONEXXUS_API_URL: '', CONEXXUS_API_KEY: '' });
const health = await off.get(ConexxusService, { strict: false }).getHealthStatus();
report.check('the application runs, and the integration is off', !health.enabled);
await off.close();

report.title(`Response times, at 1:${SCALE} for what waits on timers`);
const scaled = (milliseconds: number) => `${shown(milliseconds)} here, ${shown(milliseconds * SCALE)} at full scale`;
report.table([
  ['', 'document', 'measured'],
  ['normal, without a breaker', '100-200 ms', shown(quantile(withoutBreaker, 0.5))],
  ['normal, with retries, breaker and log', 'no change', shown(quantile(withBreaker, 0.5))],
  ['API down, circuit closed', '90 s', scaled(down)],
  ['API down, circuit open: median', '< 1 ms', shown(quantile(rejected, 0.5))],
  ['API down, circuit open: 99 of 100', '< 1 ms', shown(quantile(rejected, 0.99))],
  ['writing the rows of these 406 calls, afterwards', '', shown(writing.took)],
  ['recovery, one synchronisation', '< 500 ms', shown(Math.max(...recovery))],
]);

await upstream.close();
rmSync(folder, { recursive: true });
process.exitCode = report.end();
