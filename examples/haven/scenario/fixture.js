import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startServer } from '../src/server.js';
import { startUpstreams } from '../upstreams/index.js';

export const TOKEN = 'admin-token';

/** Short times, so that the scenario takes seconds. They are set as an operator would: by variables. */
const TIMES = Object.fromEntries(
  ['MPESA', 'PESAPAL', 'KCB', 'EMAIL', 'SMS', 'WHATSAPP'].flatMap((service) => [
    [`BREAKER_${service}_RESET_TIMEOUT`, '400'],
    [`BREAKER_${service}_TIMEOUT`, '3000'],
  ]),
);
TIMES.BREAKER_MPESA_RESET_TIMEOUT = '3000';

/** Starts haven with its external services and a receiver of alerts. */
export async function startAll(more = {}) {
  const upstreams = await startUpstreams();
  const folder = mkdtempSync(path.join(tmpdir(), 'haven-'));
  const pager = await startPager();
  const lines = [];
  const line = (level) => (message, details) => lines.push({ level, message, details });
  const logger = { debug() {}, info: line('info'), warn: line('warn'), error: line('error') };
  const restarts = [];
  const haven = await startServer({
    variables: {
      ...upstreams.variables,
      ...{ ADMIN_TOKEN: TOKEN, CALLBACK_SECRET: 'callback-secret', ALERT_URL: pager.url },
      ...{ DATABASE: path.join(folder, 'haven.db'), ...TIMES, ...more },
    },
    logger,
    restart: () => restarts.push(Date.now()),
  });
  return {
    haven,
    upstreams,
    lines,
    pager,
    restarts,
    ...clientOf(haven.url),
    async close() {
      await haven.close();
      await upstreams.close();
      await pager.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Returns functions that send requests to haven: as anybody, and as an administrator. */
function clientOf(url) {
  const send = async (method, address, body, headers = {}) => {
    const response = await fetch(url + address, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = (response.headers.get('content-type') ?? '').includes('json');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  };
  const admin = { authorization: `Bearer ${TOKEN}`, 'x-operator': 'jane' };
  return {
    get: (address) => send('GET', address),
    post: (address, body = {}) => send('POST', address, body),
    adminGet: (address) => send('GET', address, undefined, admin),
    adminPost: (address, body = {}) => send('POST', address, body, admin),
  };
}

/** Starts a receiver of alerts. */
async function startPager() {
  const alerts = [];
  const server = createServer(async (request, response) => {
    alerts.push(JSON.parse(Buffer.concat(await request.toArray()).toString()));
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    alerts,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Waits until a condition holds. Throws after ten seconds. */
export async function until(what, condition) {
  const end = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`This did not happen within 10 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
