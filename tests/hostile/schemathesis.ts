// Runs schemathesis, a Python program, against the management API, over the OpenAPI document that it serves.
//
//   npm run schemathesis -- [examples for each operation, default 100]
//
// It needs Python 3 with `venv`, and installs schemathesis into `.tools/schemathesis`.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import process from 'node:process';
import { BreakerRegistry } from 'fusewire';
import { campaignRoutes, havenRoutes, management, nativeRoutes, nodeListener } from '@fusewire/operations/management';
import { optionsOf } from './attack.ts';
import { TOKEN } from './requests.ts';

/** Path of the route that changes options. */
const OPTIONS = '/options$';

const VERSION = '4.32.5';
const folder = path.join(import.meta.dirname, '../../.tools/schemathesis');
const program = path.join(folder, 'bin/schemathesis');

if (!existsSync(program)) {
  run('python3', ['-m', 'venv', folder]);
  run(path.join(folder, 'bin/pip'), ['install', '--quiet', `schemathesis==${VERSION}`]);
}

const examples = process.argv[2] ?? '100';
const tables = [nativeRoutes.filter(({ path: its }) => its !== '/stream'), havenRoutes];
for (const routes of [...tables, campaignRoutes({ database: 'database', n8n: 'n8n' })]) {
  const code = await check([...routes]);
  if (code !== 0) process.exitCode = code;
}

/** Runs schemathesis against one table of routes. */
async function check(routes: typeof nativeRoutes): Promise<number> {
  // With a duration of slow calls, each single option of an update is valid.
  const registry = new BreakerRegistry({ defaults: { slowCallDuration: 1_000, slowCallRateThreshold: 0.9 } });
  for (const name of ['mpesa', 'sms', 'database', 'n8n']) registry.create(name);
  const document = nativeRoutes.filter(({ path: its }) => its === '/openapi.json');
  const all = routes.some(({ path: its }) => its === '/openapi.json') ? routes : [...routes, ...document];
  const handler = management({ ...optionsOf(registry, undefined, console.error), routes: all });
  const server = createServer(nodeListener(handler)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const address = `http://127.0.0.1:${port}/openapi.json`;
  const codes = [await schemathesis(address, '--exclude-path-regex', OPTIONS)];
  // Some options of an update exclude each other, which their schema does not say.
  const isThere = all.some(({ path: its }) => its.endsWith('/options'));
  if (isThere)
    codes.push(
      await schemathesis(address, '--include-path-regex', OPTIONS, '--exclude-checks', 'positive_data_acceptance'),
    );
  handler.close();
  server.close().closeAllConnections();
  return Math.max(...codes);
}

/** Runs schemathesis with some arguments. */
async function schemathesis(address: string, ...args: readonly string[]): Promise<number> {
  const headers = [`Authorization: ${TOKEN}`, 'X-Requested-With: schemathesis'].flatMap((header) => [
    '--header',
    header,
  ]);
  const all = ['run', address, ...headers, '--max-examples', examples, '--no-color', ...args];
  const child = spawn(program, all, { cwd: folder, stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

function run(command: string, args: readonly string[]): void {
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${command} failed`);
}
