/** Campaigns over n8n and the external services, which misbehave. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { N8NClientError } from '../lib/n8n-client.ts';
import { campaignOf, done, startForTests, until } from './support.ts';

const { program, database, services, repair } = await startForTests({ CAMPAIGNS_PER_SECOND: '500' });
const { campaigns, reviews, n8n, breakers } = program;
const { upstreams } = services;

beforeEach(repair);

const open = (...names: readonly string[]) => names.forEach((name) => breakers.get(name)?.open());
const submit = (id: string) => campaigns.submit(campaignOf(id));

test('a campaign is done once, however often it is submitted', async () => {
  const all = await Promise.all(Array.from({ length: 5 }, () => submit('once')));
  assert.ok(all.every(({ status }) => status === 'done'));
  assert.deepEqual(await submit('once'), { id: 'once', status: 'done', waiting: [] });
  const { workflows, emails, invitations } = services.report();
  for (const keys of [workflows, emails, invitations])
    assert.equal(keys.filter((key) => key.startsWith('once:')).length, 1);
  const { rows } = await program.database.query("SELECT credits FROM accounts WHERE id = 'demo'");
  assert.equal(rows[0].credits, '999999');
});

test('a campaign of an unknown account is refused, and others of its batch are not', async () => {
  const [refused, accepted] = await Promise.all([
    campaigns.submit({ ...campaignOf('refused'), account: 'nobody' }),
    submit('accepted'),
  ]);
  assert.deepEqual([refused.status, refused.reason], ['failed', 'There is no such account']);
  assert.equal(accepted.status, 'done');
  assert.equal(await campaigns.find('refused'), undefined);
});

test('n8n: the second region takes over, but not what the first one may have begun', async () => {
  upstreams.n8n.behave('outage');
  assert.equal((await submit('other-region')).status, 'done');
  upstreams.n8n.behave('lost');
  const before = upstreams.n8n2.requests;
  assert.deepEqual((await submit('may-have-begun')).waiting, ['workflow']);
  assert.equal(upstreams.n8n2.requests, before);
  upstreams.n8n.behave('up');
  await done(program, 'may-have-begun');
  assert.equal(services.report().workflows.filter((key) => key === 'may-have-begun:workflow').length, 1);
});

test('n8n: starts wait in the queue while both regions are away', async () => {
  for (const region of [upstreams.n8n, upstreams.n8n2]) region.behave('outage');
  for (let call = 0; call < 6; call++) assert.deepEqual((await submit(`queued-${call}`)).waiting, ['workflow']);
  assert.equal(breakers.get('n8n')?.state, 'OPEN');
  repair();
  for (let call = 0; call < 6; call++) await done(program, `queued-${call}`);
});

test('n8n: a start is simulated without n8n and queue, and the campaign is kept on the disk', async () => {
  open('n8n', 'n8n-second-region');
  const start = { key: 'simulated', workflow: 'campaign', input: {} };
  const answer = await Promise.all([
    (async () => {
      database.behave('outage');
      return n8n.start(start);
    })(),
  ]);
  assert.deepEqual(answer, [{ simulated: true, workflow: 'campaign' }]);
  const state = await submit('on-the-disk');
  assert.deepEqual([state.status, state.waiting], ['queued', null]);
  repair();
  await done(program, 'on-the-disk');
});

test('n8n: a refusal is final, and a rate limit opens the circuit for its time', async () => {
  upstreams.n8n.behave('refuse');
  const refused = await submit('final');
  assert.deepEqual([refused.status, refused.reason], ['failed', 'N8N API error: 422 Unprocessable Entity']);
  assert.equal((await campaigns.find('final'))?.status, 'failed');
  await assert.rejects(n8n.start({ key: 'k', workflow: 'w', input: {} }), N8NClientError);
  assert.equal(breakers.get('n8n')?.state, 'CLOSED');
  upstreams.n8n.behave('limited', 60);
  await submit('limited');
  const { state, retryAfter = 0 } = { state: breakers.get('n8n')?.state, ...program.n8n.breakers[0]?.explain() };
  assert.equal(state, 'OPEN');
  assert.ok(Number(retryAfter) > 50_000 || retryAfter === 0);
});

test('the database is away: campaigns wait on the disk of the machine, and known ones are read from the cache', async () => {
  await submit('known');
  await campaigns.find('known');
  database.behave('outage');
  const states = await Promise.all(Array.from({ length: 20 }, (_, index) => submit(`disk-${index}`)));
  assert.ok(states.every(({ status }) => status === 'queued'));
  assert.equal((await campaigns.find('known'))?.status, 'done');
  assert.deepEqual(await campaigns.find('unknown'), { id: 'unknown', status: 'queued', waiting: null });
  repair();
  for (let index = 0; index < 20; index++) await done(program, `disk-${index}`);
});

test('leads come from the other source, and contacts from the cache', async () => {
  await submit('fills-the-cache');
  upstreams.apollo.behave('outage');
  upstreams.unipile.behave('outage');
  const before = upstreams.leads.requests;
  for (let call = 0; call < 5; call++) assert.equal((await submit(`sources-${call}`)).status, 'done');
  assert.equal(upstreams.leads.requests, before + 5);
  assert.deepEqual([breakers.get('apollo')?.state, breakers.get('unipile')?.state], ['OPEN', 'OPEN']);
});

test('e-mails wait in the queue, and one whose answer was lost is sent once', async () => {
  upstreams.reachinbox.behave('lost');
  assert.deepEqual((await submit('mail')).waiting, ['email']);
  repair();
  await done(program, 'mail');
  assert.equal(services.report().emails.filter((key) => key === 'mail:email').length, 1);
});

test('invitations wait for people, who send or drop them', async () => {
  upstreams.linkedin.behave('outage');
  await submit('review-sent');
  await submit('review-dropped');
  await until('the reviews are listed', async () => (await reviews.waiting()).length === 2);
  const [first] = await reviews.waiting();
  assert.deepEqual([first?.campaign, first?.text], ['review-sent', 'Fresh bread?']);
  await assert.rejects(reviews.decide('review-sent:invitation', 'sent', 'jane'), { name: 'HttpError' });
  repair();
  assert.equal(await reviews.decide('review-sent:invitation', 'sent', 'jane'), true);
  assert.equal(await reviews.decide('review-sent:invitation', 'sent', 'john'), false);
  assert.equal(await reviews.decide('review-dropped:invitation', 'dropped', 'jane'), true);
  await done(program, 'review-sent');
  await done(program, 'review-dropped');
  const { invitations } = services.report();
  assert.ok(invitations.includes('review-sent:invitation') && !invitations.includes('review-dropped:invitation'));
});

test('a rate limit of LinkedIn opens its circuit for the time of Retry-After', async () => {
  upstreams.linkedin.behave('limited', 90);
  await submit('limited-invitation');
  const breaker = breakers.get('linkedin');
  assert.equal(breaker?.state, 'OPEN');
  const next = breaker?.getStats().nextAttemptTime?.getTime() ?? 0;
  assert.ok(next - Date.now() > 80_000);
});

test('a circuit recovers with its dependency, before its open time has passed, unless an operator holds it', async () => {
  open('apollo');
  breakers.get('unipile')?.forceOpen();
  await until('the circuit closes', () => breakers.get('apollo')?.state === 'CLOSED');
  assert.equal(breakers.get('unipile')?.state, 'OPEN');
});

test('submissions over the limit are rejected, and the health shows it', async () => {
  const health = async () =>
    (await program.operations.health.read()).parts.find(({ name }) => name === 'rateLimiting')?.share;
  assert.equal(await health(), 1);
  database.behave('outage');
  const all = await Promise.allSettled(Array.from({ length: 600 }, (_, index) => submit(`many-${index}`)));
  const rejected = all.filter(({ status }) => status === 'rejected');
  assert.ok(rejected.length >= 1);
  assert.equal((rejected[0] as PromiseRejectedResult).reason.code, 'ERR_RATE_LIMITED');
  assert.equal(await health(), 0.5);
});
