#!/usr/bin/env node
// Starts haven. Without arguments it runs the scenario: external services on 127.0.0.1 that misbehave, and haven against them.
//
//   node main.js            run the scenario, check it, and end with 0 or 1
//   node main.js --serve    the same services, and haven until Ctrl-C; with REAL=1 the services of the environment instead

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runScenario } from './scenario/scenario.js';
import { startServer } from './src/server.js';
import { startUpstreams } from './upstreams/index.js';

const LOCAL = { ADMIN_TOKEN: 'admin-token', CALLBACK_SECRET: 'callback-secret' };

if (process.argv.includes('--serve')) await serve();
else process.exitCode = (await runScenario()) ? 0 : 1;

async function serve() {
  const isReal = process.env.REAL === '1';
  const upstreams = isReal ? undefined : await startUpstreams();
  const folder = mkdtempSync(path.join(tmpdir(), 'haven-'));
  const local = { PORT: '3000', ...LOCAL, DATABASE: path.join(folder, 'haven.db'), ...upstreams?.variables };
  const haven = await startServer({ variables: isReal ? process.env : { ...local, ...process.env } });
  console.log(`haven: ${haven.url}/health`);
  console.log(`dashboard: ${haven.url}/ops/dashboard (any name, password: the variable ADMIN_TOKEN, here admin-token)`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await haven.close();
  await upstreams?.close();
  rmSync(folder, { recursive: true, force: true });
}
