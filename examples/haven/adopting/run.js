// Runs the adopted code against a server that fails, and prints what happened.
import { createServer } from 'node:http';
import { once } from 'node:events';
import axios from 'axios';
import express from 'express';
import { circuitBreakerManager } from './circuitBreaker.js';
import { useCircuitBreakers } from './circuitBreakerRoutes.js';
import { getMpesaAccessToken } from './mpesa.js';

circuitBreakerManager.configure({ logger: false });
let status = 200;
const upstream = createServer((_request, response) => {
  response.writeHead(status, { 'content-type': 'application/json' }).end('{"access_token":"token"}');
}).listen(0, '127.0.0.1');
await once(upstream, 'listening');
Object.assign(globalThis, { axios, tokenUrl: `http://127.0.0.1:${upstream.address().port}` });

const app = express();
app.get('/token', async (_request, response) => response.json({ token: await getMpesaAccessToken() }));
useCircuitBreakers(app, {
  authorize: ({ request }) => request.headers.get('authorization') === 'Bearer admin-token' && { who: 'admin' },
  services: {},
});
app.use((_error, _request, response, _next) => response.sendStatus(502));
const server = app.listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `http://127.0.0.1:${server.address().port}`;
const headers = { authorization: 'Bearer admin-token' };

const { token } = await (await fetch(`${url}/token`)).json();
status = 503;
let errors = 0;
for (let call = 0; call < 3; call++) if ((await fetch(`${url}/token`)).status === 502) errors++;
const refused = (await fetch(`${url}/token`)).status;
const { state } = await (await fetch(`${url}/api/v1/circuit-breakers/mpesa`, { headers })).json();
const unknown = (await fetch(`${url}/api/v1/circuit-breakers/fax`, { headers })).status;
const stranger = (await fetch(`${url}/api/v1/circuit-breakers`)).status;
console.log(JSON.stringify({ token, errors, refused, state, unknown, stranger }));
process.exit();
