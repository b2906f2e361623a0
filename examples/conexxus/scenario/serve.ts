/** Runs the application beside a stand-in for the API until it is stopped. The API changes its behaviour every 20 seconds. */
import { createApp } from '../src/app.ts';
import { Upstream } from './upstream.ts';
import type { Behaviour } from './upstream.ts';

const KEY = 'key-of-the-scenario';
const upstream = new Upstream(KEY);
const defaults = {
  CONEXXUS_API_URL: await upstream.listen(),
  CONEXXUS_API_KEY: KEY,
  CONEXXUS_TIMEOUT: '1000',
  CONEXXUS_RETRY_DELAY: '100',
  CONEXXUS_OPEN_TIME: '10000',
  OPS_TOKEN: 'operations',
};
const app = await createApp({ variables: { ...defaults, ...process.env } });
await app.listen(process.env['PORT'] ?? 3000, '127.0.0.1');
const url = await app.getUrl();
console.log(`Dashboard: ${url}/ops/dashboard (any name, password ${process.env['OPS_TOKEN'] ?? defaults.OPS_TOKEN})`);

const script: readonly Behaviour[] = ['healthy', 'failing', 'hanging'];
let step = 0;
setInterval(() => {
  upstream.behaviour = script[++step % script.length] ?? 'healthy';
  console.log(`The API is ${upstream.behaviour}.`);
}, 20_000).unref();
setInterval(() => void fetch(`${url}/conexxus/sync/inventory`, { method: 'POST' }).catch(() => undefined), 500).unref();
