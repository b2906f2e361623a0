#!/usr/bin/env node
// Starts campaign. Without arguments it runs the scenario: a database and services on 127.0.0.1 that misbehave.
//
//   node main.ts                       build if needed, run the scenario, check it, and end with 0 or 1
//   node main.ts --serve               the application until Ctrl-C, with services on 127.0.0.1 and an embedded database;
//                                      with REAL=1 with what the environment names
//   node main.ts --runbook URL TOKEN   run the runbook against an application that runs
import { once } from 'node:events';
import { runRunbook } from './scenario/runbook.ts';
import { runScenario } from './scenario/scenario.ts';
import { build, startApplication, TOKEN } from './scenario/server.ts';
import { startUpstreams } from './upstreams/process.ts';

const [command, ...rest] = process.argv.slice(2);
if (command === '--runbook') process.exitCode = (await runbook(rest)) ? 0 : 1;
else {
  build();
  if (command === '--serve') await serve();
  else process.exitCode = (await runScenario()) ? 0 : 1;
}

async function serve(): Promise<void> {
  const isReal = process.env['REAL'] === '1';
  const upstreams = isReal ? undefined : await startUpstreams({ database: false });
  const local = isReal ? {} : { ADMIN_TOKEN: TOKEN, ...upstreams?.variables };
  const application = await startApplication({ ...local }, Number(process.env['PORT'] ?? 3_000));
  console.log(`campaign: ${application.url}`);
  console.log(`reviews: ${application.url}/reviews, dashboard: ${application.url}/api/ops/dashboard`);
  console.log(isReal ? 'name: any, password: ADMIN_TOKEN' : `name: any, password: ${TOKEN}`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await application.close();
  await upstreams?.close();
}

async function runbook([url, token = TOKEN]: readonly string[]): Promise<boolean> {
  const send = async (method: string, address: string, body?: unknown, headers = {}) => {
    const response = await fetch(new URL(address, url), {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, body: await response.json() };
  };
  const admin: typeof send = (method, address, body) =>
    send(method, address, body, { authorization: `Bearer ${token}` });
  const results = await runRunbook({ send, admin });
  for (const { step, isRight, detail } of results) console.log(`${isRight ? '✓' : '✗'} ${step}: ${detail}`);
  return results.every(({ isRight }) => isRight);
}
