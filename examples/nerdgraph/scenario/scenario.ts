import path from 'node:path';
import type { CircuitBreaker } from '../src/infrastructure/resilience/circuit-breaker.ts';
import type { Platform } from '../src/platform.ts';
import type { Entity } from '../src/streaming/entity-streamer.ts';
import type { NewRelic } from '../upstreams/new-relic.ts';
import { arrivals, entities, Environment, until } from './fixture.ts';

interface Running {
  readonly environment: Environment;
  readonly newRelic: NewRelic;
  readonly platform: Platform;
  readonly lines: string[];
  breaker(name: string): CircuitBreaker;
  check(claim: string, holds: boolean): void;
}

const MAIN = path.join(import.meta.dirname, '../src/main.js');
const DOWN = { status: 503 };

/** Runs the scenario and prints what happens. Resolves with whether everything was as it must be. */
export async function runScenario(print: (line: string) => void = console.log): Promise<boolean> {
  await using environment = await Environment.create();
  const lines: string[] = [];
  const log = (message: string) => void lines.push(message);
  const { platform, breaker } = await environment.start({ debug: log, info: log, warn: log, error: log });
  let wrong = 0;
  const check = (claim: string, holds: boolean) => {
    if (!holds) wrong++;
    print(`  ${holds ? '✓' : '✗'} ${claim}`);
  };
  const running = { environment, newRelic: environment.newRelic, platform, lines, breaker, check };
  try {
    for (const [title, part] of PARTS) {
      print(title);
      await part(running);
    }
  } catch (error) {
    check((error as Error).stack ?? String(error), false);
  } finally {
    await platform.stop();
  }
  print(wrong === 0 ? 'Everything was as it must be.' : `${wrong} checks failed.`);
  return wrong === 0;
}

const PARTS: readonly (readonly [title: string, part: (running: Running) => Promise<void>])[] = [
  ['New Relic works', allWork],
  ['The Event API is out: batches wait on the disk', outage],
  ['The Event API limits the rate', rateLimit],
  ['The Event API accepts batches, but its answers are lost', lostAnswers],
  ['The Event API hangs', hanging],
  ['The program is killed with kill -9 during an outage, and again in the middle of a batch', kills],
  ['NerdGraph is out', nerdGraphOutage],
  ['The monitor reports all of it', reports],
];

async function allWork({ newRelic, platform, check }: Running): Promise<void> {
  const [dashboard] = newRelic.dashboards;
  const queries = dashboard?.pages[0]?.widgets.map(({ rawConfiguration }) => rawConfiguration.nrqlQueries?.[0]?.query);
  check(`dashboardCreate: "${dashboard?.name}" with ${queries?.length} widgets`, queries?.length === 3);
  await platform.importDashboard();
  check('a second import creates no second dashboard', newRelic.dashboards.length === 1);
  await streamed(platform, entities(95));
  check(
    `95 entities in 10 batches: ${arrivals(newRelic, entities(95))}`,
    arrivals(newRelic, entities(95)) === '95 once',
  );
}

async function outage({ newRelic, platform, lines, breaker, check }: Running): Promise<void> {
  const batch = entities(50, 1_001);
  newRelic.eventApi.behaviour = 'outage';
  await platform.entities.streamEntities(batch);
  await until('the circuit opens', () => breaker('event-api').getStats().state === 'OPEN');
  const opened = "Circuit breaker 'event-api' opened";
  check(`logged: ${opened}`, lines.includes(opened));
  check(
    `nothing is lost: ${await platform.entities.pending()} batches wait`,
    (await platform.entities.pending()) === 5,
  );
  newRelic.eventApi.behaviour = 'up';
  const begin = performance.now();
  await drained(platform);
  check(`all sent ${Math.round(performance.now() - begin)} ms after the end of the outage`, true);
  check(`50 entities: ${arrivals(newRelic, batch)}`, arrivals(newRelic, batch) === '50 once');
  check('the circuit is closed', breaker('event-api').getStats().state === 'CLOSED');
}

async function rateLimit({ newRelic, platform, check }: Running): Promise<void> {
  const batch = entities(20, 2_001);
  newRelic.eventApi.behaviour = { limited: 1 };
  const before = newRelic.eventApi.requests;
  await platform.entities.streamEntities(batch);
  await until('a request is refused', () => newRelic.eventApi.requests > before);
  newRelic.eventApi.behaviour = 'up';
  await drained(platform);
  check(`20 entities: ${arrivals(newRelic, batch)}`, arrivals(newRelic, batch) === '20 once');
}

async function lostAnswers({ newRelic, platform, breaker, check }: Running): Promise<void> {
  const batch = entities(30, 3_001);
  newRelic.eventApi.behaviour = 'lost answers';
  await platform.entities.streamEntities(batch);
  await until('each batch has arrived', () => arrivals(newRelic, batch) === '30 once');
  await drained(platform);
  const { totalFailures } = breaker('event-api').getStats();
  newRelic.eventApi.behaviour = 'up';
  check(`the program saw ${totalFailures} failures so far, and asked NerdGraph before it repeated`, totalFailures > 0);
  check(`30 entities: ${arrivals(newRelic, batch)}`, arrivals(newRelic, batch) === '30 once');
}

async function hanging({ newRelic, platform, breaker, check }: Running): Promise<void> {
  const batch = entities(30, 4_001);
  newRelic.eventApi.behaviour = 'hang';
  await platform.entities.streamEntities(batch);
  await until('a call times out', () => breaker('event-api').getStats().totalTimeouts > 0);
  check(`the last error is "${breaker('event-api').getStats().lastError}"`, true);
  newRelic.eventApi.behaviour = { slow: 50 };
  await drained(platform);
  newRelic.eventApi.behaviour = 'up';
  check(`30 entities: ${arrivals(newRelic, batch)}`, arrivals(newRelic, batch) === '30 once');
}

async function kills({ environment, newRelic, platform, check }: Running): Promise<void> {
  const batch = entities(40, 5_001);
  // The other process has the queue to itself.
  await platform.entities.stop();
  newRelic.eventApi.behaviour = 'outage';
  const first = environment.spawn(MAIN);
  await first.stream(batch);
  await first.kill();
  check(
    `killed: ${await platform.entities.pending()} batches are on the disk`,
    (await platform.entities.pending()) === 4,
  );

  newRelic.eventApi.behaviour = { slow: 150 };
  const before = newRelic.eventApi.requests;
  const second = environment.spawn(MAIN);
  await until('a batch is on its way', () => newRelic.eventApi.requests > before);
  await second.kill();
  await until('New Relic has accepted that batch', () => newRelic.eventsOf('KafkaTopic').some(isOf(batch)));
  newRelic.eventApi.behaviour = 'up';
  platform.entities.start();
  await drained(platform);
  check(`40 entities: ${arrivals(newRelic, batch)}`, arrivals(newRelic, batch) === '40 once');
}

async function nerdGraphOutage({ newRelic, platform, breaker, check }: Running): Promise<void> {
  newRelic.nerdGraph.behaviour = 'outage';
  const failures: string[] = [];
  const before = newRelic.nerdGraph.requests;
  for (let call = 0; call < 8; call++) {
    await platform.nerdGraph
      .query('{ actor { account(id: 1) { __typename } } }')
      .catch((error: Error) => failures.push(error.message));
  }
  check(`5 requests, then: ${failures.at(-1)}`, newRelic.nerdGraph.requests === before + 5);
  check(`before: ${failures[0]}`, failures[0] === `NerdGraph API error: ${DOWN.status} Service Unavailable`);
  newRelic.nerdGraph.behaviour = 'up';
  await until('the circuit closes by itself', async () => {
    await platform.importDashboard().catch(String);
    return breaker('nerdgraph-api').getStats().state === 'CLOSED';
  });
  check('the circuit closes by itself', true);
}

async function reports({ newRelic, platform, breaker, check }: Running): Promise<void> {
  newRelic.eventApi.behaviour = 'up';
  await platform.monitor.reportMetrics();
  for (const name of ['nerdgraph-api', 'event-api']) {
    const metric = newRelic.eventsOf('CircuitBreakerMetric').findLast(({ breakerName }) => breakerName === name);
    const { totalCalls, totalFailures, totalTimeouts, failureRate, state } = metric ?? {};
    const text = `${totalCalls} calls, ${totalFailures} failures, ${totalTimeouts} timeouts, ${Number(failureRate).toFixed(1)} %`;
    check(`${name}: ${state}, ${text}`, totalCalls === breaker(name).getStats().totalCalls);
  }
}

/** Streams entities, and waits until they are sent. */
async function streamed(platform: Platform, batch: readonly Entity[]): Promise<void> {
  await platform.entities.streamEntities(batch);
  await drained(platform);
}

async function drained(platform: Platform): Promise<void> {
  await until('all batches are sent', async () => (await platform.entities.pending()) === 0);
}

/** Returns a function that says whether an event is one of the entities. */
function isOf(batch: readonly Entity[]): (event: Readonly<Record<string, unknown>>) => boolean {
  const ids = new Set<unknown>(batch.map(({ entityId }) => entityId));
  return ({ entityId }) => ids.has(entityId);
}
