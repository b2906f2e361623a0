import { runRunbook } from './runbook.ts';
import { startAll, until } from './server.ts';
import type { Running } from './server.ts';

/** Prints a claim with whether it holds. */
type Check = (text: string, isRight: boolean) => void;
type Part = (running: Running & { readonly check: Check }) => Promise<void>;

/** Runs the scenario and prints what happens. Resolves with whether everything was as it must be. */
export async function runScenario(print: (line: string) => void = console.log): Promise<boolean> {
  const running = await startAll();
  let wrong = 0;
  const check: Check = (text, isRight) => {
    if (!isRight) wrong++;
    print(`  ${isRight ? '✓' : '✗'} ${text}`);
  };
  try {
    for (const [title, part] of PARTS) {
      print(title);
      await part({ ...running, check });
    }
  } catch (error) {
    check((error as Error).stack ?? String(error), false);
  } finally {
    await running.close();
  }
  print(wrong === 0 ? 'Everything was as it must be.' : `${wrong} checks failed.`);
  return wrong === 0;
}

const PARTS: readonly (readonly [title: string, part: Part])[] = [
  ['Everything works', allWork],
  ['n8n is away in one region: the other one takes over', region],
  ['n8n is away in both regions: starts wait in the queue', queue],
  ['The database is away: campaigns wait on the disk, and an incident is opened', database],
  ['LinkedIn is away: people decide', reviews],
  ['Apollo limits the rate, Unipile is away, ReachInbox cuts its answers', services],
  ['The runbook', runbook],
  ['What is watched', reports],
];

const campaign = (id: string) => ({ id, account: 'demo', audience: 'bakers', message: 'Fresh bread?' });

/** Submits campaigns until a circuit is open. */
async function openBySubmitting({ application }: Running, breaker: string, prefix: string): Promise<string[]> {
  const ids: string[] = [];
  await until(`the circuit of ${breaker} opens`, async () => {
    const id = `${prefix}-${ids.length}`;
    ids.push(id);
    await application.send('POST', '/api/campaign', campaign(id));
    return (await stateOf(application, breaker)) === 'OPEN';
  });
  return ids;
}

async function stateOf({ admin }: Running['application'], breaker: string): Promise<string> {
  return (await admin('GET', '/api/monitoring/circuit-breakers')).body.circuitBreakers[breaker].state;
}

async function untilDone({ application }: Running, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    await until(`campaign ${id} is done`, async () => {
      return (await application.send('GET', `/api/campaign/${id}`)).body.status === 'done';
    });
  }
}

async function allWork({ application, check }: Parameters<Part>[0]): Promise<void> {
  const tables = await application.admin('POST', '/api/admin/setup-circuit-breaker-tables', {});
  check(`POST /api/admin/setup-circuit-breaker-tables: ${JSON.stringify(tables.body)}`, tables.body.success === true);
  const answer = await application.send('POST', '/api/campaign', campaign('first'));
  check(`a campaign is done at once: ${JSON.stringify(answer.body)}`, answer.status === 200);
  const again = await application.send('POST', '/api/campaign', campaign('first'));
  check('the same campaign again does nothing', again.status === 200);
  const { body } = await application.send('GET', '/api/campaign/health?metrics=true&rate_limit=true');
  check(
    `health: ${body.status}, score ${body.resilienceScore}`,
    body.status === 'healthy' && body.resilienceScore === 100,
  );
}

async function region({ check, ...running }: Parameters<Part>[0]): Promise<void> {
  await running.upstreams.behave('n8n', 'outage');
  const ids = await openBySubmitting(running, 'n8n', 'region');
  const { body } = await running.application.send('POST', '/api/campaign', campaign('region-last'));
  check(`${ids.length} campaigns are done although the first region is away`, body.status === 'done');
  await running.upstreams.behave('n8n', 'up');
  await until('the circuit closes', async () => (await stateOf(running.application, 'n8n')) === 'CLOSED');
  check('the circuit of the first region has closed', true);
}

async function queue({ check, ...running }: Parameters<Part>[0]): Promise<void> {
  const { application, upstreams } = running;
  for (const name of ['n8n', 'n8n2'] as const) await upstreams.behave(name, 'outage');
  const ids = await openBySubmitting(running, 'n8n', 'queue');
  const answer = await application.send('POST', '/api/campaign', campaign('queue-last'));
  check(`a campaign is queued: ${JSON.stringify(answer.body)}`, answer.status === 202);
  const { body } = await application.send('GET', '/api/campaign/health');
  check(`health: ${body.status}, score ${body.resilienceScore}`, body.status === 'degraded');
  for (const name of ['n8n', 'n8n2'] as const) await upstreams.behave(name, 'up');
  await untilDone(running, [...ids, 'queue-last']);
  check('all queued campaigns are done', true);
}

async function database({ check, ...running }: Parameters<Part>[0]): Promise<void> {
  const { application, upstreams } = running;
  await upstreams.database('lose-commit');
  const lost = await application.send('POST', '/api/campaign', campaign('commit-without-answer'));
  check(`a commit loses its answer; the campaign is stored once: ${lost.body.status}`, lost.status === 200);
  await upstreams.database('outage');
  const ids = await openBySubmitting(running, 'database', 'database');
  const { body } = await application.send('POST', '/api/campaign', campaign('database-last'));
  check(`a campaign is kept: ${JSON.stringify(body)}`, body.status === 'queued');
  const known = await application.send('GET', '/api/campaign/queue-last');
  check(`a known campaign is read from the cache: ${known.body.status}`, known.body.status === 'done');
  await until('PagerDuty has the incident', async () => {
    return JSON.stringify((await upstreams.report()).incidents).includes('database opened');
  });
  check('PagerDuty has the incident', true);
  const start = performance.now();
  await upstreams.database('up');
  await untilDone(running, [...ids, 'database-last']);
  check(`all are done ${((performance.now() - start) / 1_000).toFixed(1)} s after the database is back`, true);
}

async function reviews({ check, ...running }: Parameters<Part>[0]): Promise<void> {
  const { application, upstreams } = running;
  await upstreams.behave('linkedin', 'outage');
  const ids = await openBySubmitting(running, 'linkedin', 'review');
  const stranger = await application.send('GET', '/reviews');
  check('strangers do not see the reviews', stranger.status === 401);
  await until('the page shows them', async () => {
    const { body } = await application.admin('GET', '/reviews');
    return ids.every((id) => body.includes(`>${id}<`));
  });
  check(`the page /reviews shows ${ids.length} invitations`, true);
  const { body } = await application.send('GET', `/api/campaign/${ids[0]}`);
  check(`the campaign waits: ${JSON.stringify(body)}`, body.waiting.join() === 'invitation');
  await upstreams.behave('linkedin', 'up');
  await until('the circuit closes', async () => (await stateOf(application, 'linkedin')) === 'CLOSED');
}

async function services({ check, ...running }: Parameters<Part>[0]): Promise<void> {
  const { application, upstreams } = running;
  await upstreams.behave('apollo', 'limited', 2);
  await upstreams.behave('unipile', 'outage');
  const answer = await application.send('POST', '/api/campaign', campaign('alternatives'));
  check('leads come from another source, contacts from the cache', answer.body.status === 'done');
  await upstreams.behave('apollo', 'up');
  await upstreams.behave('unipile', 'up');
  const before = (await upstreams.report()).emails.length;
  await upstreams.behave('reachinbox', 'lost');
  const queued = await application.send('POST', '/api/campaign', campaign('mail-without-answer'));
  check(`an e-mail without an answer is queued: ${queued.body.waiting}`, queued.body.status === 'queued');
  await upstreams.behave('reachinbox', 'up');
  await untilDone(running, ['mail-without-answer']);
  check('it was sent once', (await upstreams.report()).emails.length === before + 1);
}

async function runbook({ application, check }: Parameters<Part>[0]): Promise<void> {
  for (const { step, isRight, detail } of await runRunbook(application)) check(`${step}: ${detail}`, isRight);
}

async function reports({ application, upstreams, check }: Parameters<Part>[0]): Promise<void> {
  const metrics = await application.admin('GET', '/api/ops/metrics');
  check('Prometheus can scrape', metrics.body.includes('fusewire_breaker_state{breaker="n8n",state="closed"} 1'));
  const detailed = await application.admin('GET', '/api/monitoring/circuit-breakers?detailed=true');
  const { n8n } = detailed.body.metrics;
  check(`n8n: ${n8n.totalRequests} calls, ${n8n.successRate.toFixed(1)} % succeeded`, n8n.totalRequests > 0);
  const ready = await application.send('GET', '/api/ops/health/ready');
  check(`readiness of Kubernetes: ${ready.body.status}`, ready.status === 200);
  const { emails, workflows } = await upstreams.report();
  const isOnce = new Set(emails).size === emails.length && new Set(workflows).size === workflows.length;
  check(`${workflows.length} workflows and ${emails.length} e-mails, each once`, isOnce);
}
