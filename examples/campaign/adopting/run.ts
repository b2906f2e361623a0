// Runs the adopted code with a database that fails, and prints what happened.
import { GET as health } from './app/api/campaign/health/route.ts';
import { GET, POST } from './app/api/monitoring/circuit-breakers/route.ts';
import { database } from './lib/circuit-breakers.ts';

process.env['ADMIN_TOKEN'] = 'admin-token';
const headers = { authorization: 'Bearer admin-token', 'content-type': 'application/json' };
const url = 'http://127.0.0.1/api/monitoring/circuit-breakers';
const read = async (response: Promise<Response>) => JSON.parse(await (await response).text());

for (let call = 0; call < 5; call++) await database.execute(() => Promise.reject(new Error('away'))).catch(() => {});
const open = await read(GET(new Request(url, { headers })));
const { status, resilienceScore } = await read(
  health(new Request('http://127.0.0.1/api/campaign/health', { headers })),
);
const stranger = (await GET(new Request(url))).status;
const body = JSON.stringify({ action: 'reset_all', reason: 'the database is back' });
const { success } = await read(POST(new Request(url, { method: 'POST', headers, body })));
const { state } = database.engine;
console.log(JSON.stringify({ open: open.summary.open, status, resilienceScore, stranger, success, state }));
