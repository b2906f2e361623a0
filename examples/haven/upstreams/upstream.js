import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Starts an HTTP server on 127.0.0.1 that speaks as an external service does, and misbehaves on demand.
 *
 * @param routes handlers by `'METHOD /path'`. A handler gets `{ url, headers, body, params }` and returns `{ status, headers, body }`.
 */
export async function startUpstream(name, routes, { errorBody = (status) => ({ error: `HTTP ${status}` }) } = {}) {
  let behaviour = { kind: 'up' };
  const requests = [];
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, 'http://upstream');
    const body = parse(await textOf(request), request.headers['content-type']);
    requests.push({ method: request.method, path: url.pathname, headers: request.headers, body });
    const { kind, value } = behaviour;
    if (kind === 'hang') return;
    if (kind === 'slow') await delay(value);
    if (kind === 'outage') return send(response, { status: 503, body: errorBody(503) });
    if (kind === 'limited') {
      return send(response, { status: 429, headers: { 'retry-after': String(value) }, body: errorBody(429) });
    }
    const handle = routes[`${request.method} ${url.pathname}`];
    send(response, handle?.({ url, headers: request.headers, body }) ?? { status: 404, body: errorBody(404) });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    name,
    url: `http://127.0.0.1:${server.address().port}`,
    requests,
    /** Sets the behaviour: `up`, `outage`, `hang`, `slow` with milliseconds, or `limited` with seconds. */
    behave(kind, value) {
      behaviour = { kind, value };
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Returns the name and the password of HTTP Basic authentication. */
export function basicOf(headers) {
  const [scheme, encoded = ''] = (headers.authorization ?? '').split(' ');
  return scheme === 'Basic' ? Buffer.from(encoded, 'base64').toString().split(':') : [];
}

async function textOf(request) {
  const chunks = await request.toArray();
  return Buffer.concat(chunks).toString();
}

function parse(text, type = '') {
  if (type.includes('json') && text !== '') return JSON.parse(text);
  if (type.includes('urlencoded')) return Object.fromEntries(new URLSearchParams(text));
  return text;
}

function send(response, { status = 200, headers = {}, body }) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
