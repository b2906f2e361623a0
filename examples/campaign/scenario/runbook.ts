import type { Application } from './server.ts';
import { until } from './server.ts';

/** Result of a step of the runbook. */
export interface StepResult {
  readonly step: string;
  readonly isRight: boolean;
  readonly detail: string;
}

const MONITORING = '/api/monitoring/circuit-breakers';

/**
 * Runs the runbook of the document against an application: alerts, emergency procedures and fallbacks. `breaker` is forced open
 * for a moment, and nothing but its calls are affected.
 */
export async function runRunbook(
  { admin, send }: Pick<Application, 'admin' | 'send'>,
  breaker = 'n8n',
): Promise<StepResult[]> {
  const results: StepResult[] = [];
  const run = async (step: string, work: () => Promise<readonly [isRight: boolean, detail: string]>) => {
    const [isRight, detail] = await work().catch((error: Error) => [false, error.message] as const);
    results.push({ step, isRight, detail });
  };
  const score = async () => (await send('GET', '/api/campaign/health')).body.resilienceScore as number;
  const change = (action: string) => admin('POST', MONITORING, { action, name: breaker, reason: 'runbook' });

  await run('1. Alerts: which fire?', async () => {
    const { status, body } = await admin('GET', '/api/ops/alerts');
    const rules = (body.active ?? body.alerts ?? []).map(
      (alert: { rule: string; breaker: string }) => `${alert.breaker} ${alert.rule}`,
    );
    return [status === 200, rules.join(', ') || 'none'];
  });
  await run('2. Circuits: which are not closed?', async () => {
    const { status, body } = await admin('GET', MONITORING);
    const open = Object.entries<{ state: string }>(body.circuitBreakers).filter(([, { state }]) => state !== 'CLOSED');
    return [status === 200, open.map(([name, { state }]) => `${name} ${state}`).join(', ') || 'none'];
  });
  await run('3. Reset all circuits', async () => {
    const { status, body } = await admin('POST', MONITORING, { action: 'reset_all', reason: 'runbook' });
    return [status === 200 && body.success === true, `${body.reset?.length} circuits`];
  });
  await run('4. Health verification', async () => {
    const reached = await score();
    return [reached >= 70, `score ${reached}`];
  });
  await run(`5. Force the circuit of ${breaker} open`, async () => {
    const { body } = await change('force_open');
    return [body.state === 'OPEN', `${body.state}, score ${await score()}`];
  });
  const id = `runbook-${Date.now()}`;
  await run('6. Fallback validation', async () => {
    const campaign = { id, account: 'demo', audience: 'bakers', message: 'Test of the runbook' };
    const { body } = await send('POST', '/api/campaign', campaign);
    return [['done', 'queued'].includes(body.status), `a campaign is ${body.status}`];
  });
  await run(`7. Release the circuit of ${breaker}`, async () => {
    const { body } = await change('release');
    return [body.success === true, `score ${await score()}`];
  });
  await run('8. The campaign of step 6 is done', async () => {
    await until('it is done', async () => (await send('GET', `/api/campaign/${id}`)).body.status === 'done');
    return [true, 'done'];
  });
  await run('9. Audit log: who did what?', async () => {
    const { body } = await admin('GET', '/api/ops/events?limit=100');
    const mine = JSON.stringify(body).includes('runbook');
    return [mine, mine ? 'the changes above, by jane' : 'nothing'];
  });
  return results;
}
