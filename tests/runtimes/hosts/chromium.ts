/** Headless Chromium, on a page that this process serves. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { CHROMIUM_ADVICE, findChromium } from '../../../.ci/lib/chromium.mjs';
import type { Report } from '../inside/suite.ts';
import { bundle } from '../bundle.ts';
import { before, start } from '../processes.ts';
import type { Project } from '../project.ts';

const flags = [
  ...['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-dev-shm-usage'],
  ...['--no-first-run', '--no-default-browser-check', '--disable-extensions', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-default-apps'],
];

export async function runInChromium(project: Project): Promise<Report> {
  const program = findChromium();
  if (program === undefined) throw new Error(CHROMIUM_ADVICE);
  const script = readFileSync(await bundle('on-page', project.folder, { conditions: ['browser'] }));
  const posted = Promise.withResolvers<Report>();
  const server = createServer((request, response) => void answer(request, response, script, posted.resolve));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const profile = `--user-data-dir=${path.join(project.folder, 'profile')}`;
    using browser = start([program, ...flags, profile, `http://127.0.0.1:${port}/`]);
    return await before(browser, posted.promise);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  script: Buffer,
  posted: (report: Report) => void,
): Promise<void> {
  if (request.url === '/report') {
    posted(JSON.parse(await text(request)));
    response.end();
  } else if (request.url === '/suite.mjs') {
    response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
  } else {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end('<!doctype html><script type="module" src="/suite.mjs"></script>');
  }
}
