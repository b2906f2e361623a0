/** The application as Next.js builds and serves it, and the patch for an existing code base. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { runScenario } from '../scenario/scenario.ts';
import { build, startAll, startApplication, until } from '../scenario/server.ts';
import type { Running } from '../scenario/server.ts';

let running: Running;
before(async () => {
  build();
  running = await startAll();
});
after(() => running.close());

const campaign = { id: 'api', account: 'demo', audience: 'bakers', message: 'Fresh bread?' };

test('the scenario passes every check', async () => {
  const lines: string[] = [];
  assert.ok(await runScenario((line) => lines.push(line)), lines.join('\n'));
});

test('the endpoints of the document have its paths and shapes, and changes need the administrator', async () => {
  const { send, admin } = running.application;
  const overview = await admin('GET', '/api/monitoring/circuit-breakers');
  assert.equal(overview.body.healthy, true);
  assert.deepEqual(Object.keys(overview.body.circuitBreakers).toSorted(), [
    ...['apollo', 'database', 'leads', 'linkedin', 'n8n', 'n8n-second-region', 'reachinbox', 'unipile'],
  ]);
  assert.equal(overview.body.metrics, undefined);
  const detailed = await admin('GET', '/api/monitoring/circuit-breakers?detailed=true');
  assert.equal(typeof detailed.body.metrics.n8n.totalRequests, 'number');
  assert.equal((await send('GET', '/api/monitoring/circuit-breakers')).status, 401);

  const health = await send('GET', '/api/campaign/health?metrics=true&rate_limit=true');
  assert.deepEqual(Object.keys(health.body).toSorted(), [
    ...[
      'database',
      'external',
      'metrics',
      'n8n',
      'rateLimit',
      'rateLimiting',
      'resilienceScore',
      'status',
      'timestamp',
    ],
  ]);

  const change = (action: string) => ({ action, name: 'apollo', reason: 'test' });
  const path = '/api/monitoring/circuit-breakers';
  assert.equal((await send('POST', path, change('force_open'))).status, 401);
  assert.equal((await admin('POST', path, change('force_open'))).body.state, 'OPEN');
  assert.equal((await admin('POST', path, { action: 'reset_all', reason: 'test' })).body.reset.length, 8);
  assert.equal((await admin('POST', path, change('release'))).body.state, 'CLOSED');
  assert.ok((await admin('POST', path, { ...change('reset'), name: 'fax' })).status >= 400);
  assert.ok((await admin('POST', path, change('explode'))).status >= 400);
  assert.deepEqual((await admin('POST', '/api/admin/setup-circuit-breaker-tables', {})).body, { success: true });
});

test('campaigns: 200 done, 202 queued, 400 for a wrong body, 422 refused, 404 unknown', async () => {
  const { send } = running.application;
  assert.equal((await send('POST', '/api/campaign', campaign)).status, 200);
  const wrong = await send('POST', '/api/campaign', { ...campaign, message: '' });
  assert.deepEqual([wrong.status, wrong.body.message], [400, 'message must be a text of 1 to 2000 characters']);
  assert.equal((await send('POST', '/api/campaign', { ...campaign, id: 'nobody', account: 'nobody' })).status, 422);
  assert.equal((await send('GET', '/api/campaign/none')).status, 404);
});

test('an administrator decides on the page of the reviews, without JavaScript', async () => {
  const { application, upstreams } = running;
  await upstreams.behave('linkedin', 'outage');
  assert.equal((await application.send('POST', '/api/campaign', { ...campaign, id: 'reviewed' })).status, 202);
  const page = async (): Promise<string> => (await application.admin('GET', '/reviews')).body;
  await until('the page shows it', async () => (await page()).includes('reviewed:invitation'));
  const [, form = ''] = /<form(.*?)<\/form>/.exec(await page()) ?? [];
  const fields = [...form.matchAll(/<input type="hidden" name="(.*?)"(?: value="(.*?)")?/g)];
  const decide = async (authorization: string) => {
    const body = new FormData();
    for (const [, name = '', value = ''] of fields) body.set(name, value);
    body.set('decision', 'sent');
    const headers = { authorization, origin: application.url };
    const url = `${application.url}/reviews`;
    const { status, headers: answer } = await fetch(url, { method: 'POST', body, headers, redirect: 'manual' });
    return `${status} ${answer.get('location')}`;
  };
  assert.equal(await decide('Bearer admin-token'), '303 /reviews?result=refused');
  await upstreams.behave('linkedin', 'up');
  await application.admin('POST', '/api/monitoring/circuit-breakers', { action: 'reset_all', reason: 'test' });
  assert.equal(await decide('Bearer wrong-token'), '401 null');
  assert.equal(await decide('Bearer admin-token'), '303 /reviews?result=sent');
  assert.equal(await decide('Bearer admin-token'), '303 /reviews?result=late');
  assert.match((await application.admin('GET', '/reviews?result=sent')).body, /The invitation is sent\./);
  assert.equal((await application.send('GET', '/api/campaign/reviewed')).body.status, 'done');
});

test('Kubernetes and Prometheus have their endpoints', async () => {
  const { send, admin } = running.application;
  for (const probe of ['live', 'ready']) assert.equal((await send('GET', `/api/ops/health/${probe}`)).status, 200);
  assert.match(
    (await admin('GET', '/api/ops/metrics')).body,
    /fusewire_breaker_state\{breaker="database",state="closed"\} 1/,
  );
  assert.equal((await send('GET', '/api/ops/metrics')).status, 401);
  assert.match((await admin('GET', '/api/ops/dashboard')).body, /<html/);
});

test('wrong settings end the server before it answers', async () => {
  const { variables } = running.upstreams;
  const wrong = { ...variables, ADMIN_TOKEN: 'short', CAMPAIGN_ENV: 'test' };
  await assert.rejects(startApplication(wrong), ({ message }: Error) => {
    return message.includes('ADMIN_TOKEN') && message.includes('CAMPAIGN_ENV');
  });
});

test('the patch changes at most 30 lines of the printed code, which then has the endpoints', (t) => {
  const folder = path.join(import.meta.dirname, '..');
  const patch = path.join(folder, 'adopting/adopting.patch');
  const changed = readFileSync(patch, 'utf8').match(/^[+-](?!\+\+ |-- )/gm) ?? [];
  assert.ok(changed.length <= 30, `${changed.length} lines`);
  const target = path.join(folder, '.work/adopted');
  rmSync(target, { recursive: true, force: true });
  mkdirSync(path.join(target, 'lib'), { recursive: true });
  t.after(() => rmSync(path.join(folder, '.work'), { recursive: true }));
  cpSync(path.join(folder, 'adopting/configuration.txt'), path.join(target, 'lib/circuit-breaker.ts'));
  execFileSync('git', ['apply', '--unsafe-paths', patch], { cwd: target });
  cpSync(path.join(folder, 'adopting/run.ts'), path.join(target, 'run.ts'));
  const output = execFileSync(process.execPath, ['run.ts'], { cwd: target, encoding: 'utf8', stdio: 'pipe' });
  assert.deepEqual(JSON.parse(output.split('\n').find((line) => line.startsWith('{"open"')) ?? ''), {
    open: 1,
    status: 'degraded',
    resilienceScore: 53,
    stranger: 403,
    success: true,
    state: 'CLOSED',
  });
});
