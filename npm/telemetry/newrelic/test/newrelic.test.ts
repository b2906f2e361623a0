import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { BreakerRegistry, CircuitBreaker, OptionsError } from 'fusewire';
import { newRelic, newRelicDashboard, newRelicStreamer } from '@fusewire/newrelic';
import type { NewRelicOptions } from '@fusewire/newrelic';

const KEY = 'NRAK-0123456789-secret';
const succeed = () => Promise.resolve('done');
const fail = () => Promise.reject(new Error('it failed'));

type Event = Record<string, string | number | boolean>;

/** Event API on this machine. */
let server: Server;
let url: string;
/** Requests that have arrived. */
let requests: { headers: IncomingHttpHeaders; bytes: number; events: Event[] }[];
/** Answers of the next requests; then 200. */
let answers: ((response: ServerResponse) => void)[];
let logged: unknown[];

const logger = { error: (...given: unknown[]) => void logged.push(given) };
const status =
  (code: number, headers = {}) =>
  (response: ServerResponse) =>
    response.writeHead(code, headers).end();

beforeEach(async () => {
  [requests, answers, logged] = [[], [], []];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      requests.push({ headers: request.headers, bytes: body.length, events: JSON.parse(String(body)) as Event[] });
      (answers.shift() ?? status(200))(response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/accounts/1/events`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const start = (...sources: NewRelicOptions['sources']) => newRelic({ sources, url, apiKey: KEY, logger });

async function opened(name = 'payments'): Promise<CircuitBreaker> {
  const breaker = new CircuitBreaker({ name, failureThreshold: 2 });
  return breaker;
}

async function run(breaker: CircuitBreaker, ...works: (() => Promise<unknown>)[]) {
  for (const work of works) await breaker.execute(work).catch(() => undefined);
}

describe('newRelic()', () => {
  it('sends the counters of each breaker, and its transitions', async () => {
    const breaker = await opened();
    const reporter = start(breaker);
    await run(breaker, succeed, fail, fail, succeed);
    await reporter.close();
    const [{ headers, events } = assert.fail()] = requests;
    assert.equal(headers['api-key'], KEY);
    const [change, metric] = events;
    assert.deepEqual(
      [change?.['eventType'], change?.['from'], change?.['to'], change?.['reason']],
      ['CircuitBreakerStateChange', 'CLOSED', 'OPEN', 'failure-threshold'],
    );
    assert.deepEqual(
      [
        metric?.['eventType'],
        metric?.['breakerName'],
        metric?.['state'],
        metric?.['totalCalls'],
        metric?.['totalRejected'],
      ],
      ['CircuitBreakerMetric', 'payments', 'OPEN', 4, 1],
    );
    assert.equal(Math.round(metric?.['failureRate'] as number), 67);
    assert.deepEqual(reporter.stats, { sent: 2, waiting: 0, dropped: 0, failedReports: 0 });
  });

  it('has flat attributes without gaps, and those of the option besides', async () => {
    const reporter = newRelic({
      sources: [await opened()],
      url,
      apiKey: KEY,
      logger,
      attributes: { service: 'orders' },
    });
    await reporter.close();
    for (const value of Object.values(requests[0]?.events[0] ?? {}))
      assert.match(typeof value, /^(string|number|boolean)$/);
    assert.equal(requests[0]?.events[0]?.['service'], 'orders');
    assert.equal('p95' in (requests[0]?.events[0] ?? {}), false);
  });

  it('follows the breakers of a registry as they come and go', async () => {
    const breakers = new BreakerRegistry();
    const reporter = start(breakers);
    breakers.for('stays');
    breakers.for('goes');
    breakers.delete('goes');
    await reporter.close();
    assert.deepEqual(
      requests[0]?.events.map(({ breakerName }) => breakerName),
      ['stays'],
    );
  });

  it('cuts names that are longer than the agent accepts, and sends no request above the limit', async () => {
    const breakers = new BreakerRegistry({ max: 4_000 });
    for (let index = 0; index < 3_000; index++) breakers.for(`${'x'.repeat(180)}${index}`);
    const reporter = start(breakers);
    await reporter.close();
    assert.ok(requests.length > 1 && requests.every(({ bytes }) => bytes <= 1_000_000), `${requests.length} requests`);
    assert.equal(requests.flatMap(({ events }) => events).length, 3_000);
  });

  it('sends again after 503 and 429, and nothing is lost', async () => {
    answers.push(status(503), status(429, { 'retry-after': '0' }));
    const reporter = start(await opened());
    await reporter.report();
    assert.equal(requests.length, 3);
    assert.deepEqual(logged, []);
    await reporter.close();
  });

  it('does not send again within a report before the time that a 429 asks for', async () => {
    answers.push(status(429, { 'retry-after': '3600' }));
    const reporter = start(await opened());
    await reporter.report();
    assert.deepEqual([requests.length, reporter.stats.failedReports], [1, 1]);
    await reporter.close();
  });

  it('keeps the events of a report that failed for the next one, and logs the failure without the key', async () => {
    answers.push(status(403));
    const breaker = await opened();
    const reporter = start(breaker);
    await run(breaker, fail, fail);
    await reporter.report();
    assert.deepEqual([reporter.stats.failedReports, reporter.stats.waiting], [1, 2]);
    assert.match(inspect(logged), /the Event API answered 403/);
    assert.doesNotMatch(inspect(logged, { depth: 9 }), /secret/);
    assert.doesNotMatch(inspect(reporter, { depth: 9, showHidden: true }), /secret/);
    await reporter.close();
    const types = requests.at(-1)?.events.map(({ eventType }) => eventType);
    assert.deepEqual(types, ['CircuitBreakerStateChange', 'CircuitBreakerMetric', 'CircuitBreakerMetric']);
  });

  it('does not take the key to where a redirect leads', async () => {
    answers.push(status(307, { location: url }), status(307, { location: url }), status(307, { location: url }));
    const reporter = start(await opened());
    await reporter.report();
    assert.equal(reporter.stats.failedReports, 1);
    assert.equal(requests.length, 3);
  });

  it('fails no call, and keeps a bounded number of events, while New Relic is away', async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
    const breaker = await opened();
    const reporter = start(breaker);
    const sent = reporter.report();
    assert.equal(await breaker.execute(succeed), 'done');
    for (let count = 0; count < 6_000; count++) {
      breaker.forceOpen();
      breaker.reset();
    }
    await sent;
    assert.ok(reporter.stats.waiting <= 10_000);
    assert.ok(reporter.stats.dropped > 0);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  it('hands the events to the agent', async () => {
    const recorded: [string, Event][] = [];
    const agent = { recordCustomEvent: (type: string, attributes: Event) => void recorded.push([type, attributes]) };
    const reporter = newRelic({ sources: [await opened()], agent });
    await reporter.close();
    assert.deepEqual(
      recorded.map(([type, { breakerName, eventType }]) => [type, breakerName, eventType]),
      [['CircuitBreakerMetric', 'payments', undefined]],
    );
  });

  it('survives an agent that throws', async () => {
    const agent = {
      recordCustomEvent: () => {
        throw new Error('not started');
      },
    };
    const reporter = newRelic({ sources: [await opened()], agent, logger });
    await reporter.report();
    assert.equal(reporter.stats.failedReports, 1);
    assert.match(inspect(logged), /not started/);
  });
});

describe('the options of newRelic()', () => {
  const sources: NewRelicOptions['sources'] = [];
  const cases: readonly (readonly [string, unknown])[] = [
    ['sources', { apiKey: KEY, accountId: 1 }],
    ['sources', { apiKey: KEY, accountId: 1, sources: [1] }],
    ['apiKey', { sources, accountId: 1 }],
    ['apiKey', { sources, accountId: 1, apiKey: 'a secret with spaces' }],
    ['apiKey', { sources, apiKey: KEY, agent: { recordCustomEvent: () => undefined } }],
    ['accountId', { sources, apiKey: KEY }],
    ['accountId', { sources, apiKey: KEY, accountId: 0.5 }],
    ['agent', { sources, agent: {} }],
    ['region', { sources, apiKey: KEY, accountId: 1, region: 'asia' }],
    ['url', { sources, apiKey: KEY, url: 'ftp://user:secret@host' }],
    ['interval', { sources, apiKey: KEY, accountId: 1, interval: 10 }],
    ['attributes', { sources, apiKey: KEY, accountId: 1, attributes: { deep: {} } }],
    ['logger', { sources, apiKey: KEY, accountId: 1, logger: {} }],
    ['license', { sources, apiKey: KEY, accountId: 1, license: KEY }],
  ];
  for (const [index, [option, options]] of cases.entries()) {
    it(`name ${option} if it is refused, and show no secret: case ${index + 1}`, () => {
      assert.throws(
        () => newRelic(options as NewRelicOptions),
        (error) => {
          assert.ok(error instanceof OptionsError);
          assert.ok(
            error.problems.some((problem) => problem.option === option),
            error.message,
          );
          assert.doesNotMatch(error.message, /secret/);
          return true;
        },
      );
    });
  }
});

describe('newRelicDashboard()', () => {
  it('asks only for attributes that the events have, of the account', async () => {
    const breaker = await opened();
    const reporter = start(breaker);
    await run(breaker, fail, fail);
    await reporter.close();
    const known = new Set(requests[0]?.events.flatMap((event) => Object.keys(event)));
    const widgets = newRelicDashboard(42).pages.flatMap((page) => page.widgets);
    for (const { rawConfiguration } of widgets) {
      const [{ accountIds, query } = assert.fail()] = rawConfiguration.nrqlQueries;
      assert.deepEqual(accountIds, [42]);
      const names = query.match(/\b[a-z][A-Za-z0-9]+(?=[),]|\b(?! *\())/g) ?? [];
      const words = /^(latest|average|max|count|derivative|uniqueCount|minute|from|to)$/;
      for (const name of names.filter((each) => !words.test(each))) assert.ok(known.has(name), `${name} in ${query}`);
    }
  });

  it('refuses what is no number of an account', () => {
    for (const accountId of [0, 1.5, NaN, '1' as never]) assert.throws(() => newRelicDashboard(accountId), RangeError);
  });
});

describe('newRelicStreamer()', () => {
  const metric = { eventType: 'CircuitBreakerMetric', breakerName: 'event-api', totalCalls: 3 };

  it('sends metrics to the Event API, again after an outage', async () => {
    const streamer = newRelicStreamer({ url, apiKey: KEY });
    answers = [status(503)];
    await streamer.streamMetrics([metric]);
    assert.deepEqual(
      requests.map(({ headers, events }) => [headers['api-key'], events]),
      [
        [KEY, [metric]],
        [KEY, [metric]],
      ],
    );
  });

  it('rejects without the key in the error if New Relic refuses the metrics', async () => {
    const streamer = newRelicStreamer({ url, apiKey: KEY });
    answers = [status(403)];
    await assert.rejects(streamer.streamMetrics([metric]), (error) => {
      assert.match(String(error), /answered 403/);
      assert.ok(!inspect(error).includes(KEY));
      return true;
    });
  });

  it('rejects invalid options, all in one error', () => {
    assert.throws(
      () => newRelicStreamer({ region: 'mars', agent: {} } as never),
      (error: OptionsError) => {
        assert.ok(error instanceof OptionsError);
        for (const name of ['apiKey', 'accountId', 'region', 'agent']) assert.ok(error.message.includes(name), name);
        return true;
      },
    );
  });
});
