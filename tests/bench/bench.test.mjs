// Whether the harness counts right, on tiny runs. No assertion here is about time.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { passes, readArguments } from './source/arguments.mjs';
import { casesFor } from './source/cases.mjs';
import { contenderNamed, contenders } from './source/contenders/index.mjs';
import { goals, judge } from './source/goals.mjs';
import { prepareRequests } from './source/measures/requests.mjs';
import { prepareTimed } from './source/measures/timed.mjs';
import { median, shuffled, summarize } from './source/statistics.mjs';
import { caseTable, goalTable } from './source/table.mjs';

const TINY = { loopMs: 0, warmUpMs: 0 };
const CALM = { ...TINY, loop: 'oneByOne', outcome: 'success', circuit: 'standard' };

test('the median of the paired differences, and the fastest rounds', () => {
  const samples = [
    { bareBefore: 10, contender: 30, bareAfter: 10 },
    { bareBefore: 20, contender: 50, bareAfter: 40 },
    { bareBefore: 12, contender: 33, bareAfter: 8 },
  ];
  const summary = summarize(samples);
  assert.equal(summary.nsOverBare, 20);
  assert.equal(summary.nsOverBareFastest, 22);
  assert.equal(summary.ratio, 3);
  assert.equal(summary.ns, 33);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.deepEqual(shuffled([1, 2, 3]).sort(), [1, 2, 3]);
});

for (const name of ['async-wrapper', 'floor/js-then', 'floor/js-timeout']) {
  test(`${name} passes every check of every loop`, async () => {
    const contender = contenderNamed(name);
    for (const task of [
      CALM,
      { ...CALM, loop: 'caught', outcome: 'failure', circuit: 'neverOpens' },
      { ...CALM, loop: 'inFlight', width: 32 },
      { ...CALM, loop: 'roundRobin', width: 5 },
    ]) {
      const { bareBefore, contender: through, bareAfter } = await (await prepareTimed(contender, task))();
      for (const time of [bareBefore, through, bareAfter]) assert.ok(time > 0);
    }
  });
}

test('an open circuit is one that does not reach fn', async () => {
  const task = { ...CALM, loop: 'caught', circuit: 'staysOpen' };
  await (
    await prepareTimed(contenderNamed('floor/js-then'), task)
  )();
  await assert.rejects(prepareTimed(contenderNamed('async-wrapper'), task), /rejections in a row/);
});

test('a contender that calls fn too often or too rarely, or alters its value, aborts the run', async () => {
  const cheat = (call) => ({ name: 'cheat', library: 'none', load: async () => {}, make: () => undefined, call });
  const twice = cheat(async (breaker, fn) => (await fn(), fn()));
  const never = cheat(async () => 1);
  const altered = cheat(async (breaker, fn) => (await fn()) + 1);
  await assert.rejects(prepareTimed(twice, CALM), /calls of fn: 32 where 16 was expected/);
  await assert.rejects(prepareTimed(never, CALM), /calls of fn: 0 where 16 was expected/);
  await assert.rejects(prepareTimed(altered, CALM), /values returned: 32 where 16 was expected/);
});

for (const name of ['fetch/@fusewire/http', 'undici/@fusewire/undici', 'axios/@fusewire/axios', 'fetch/cockatiel']) {
  test(`${name} answers every request of a case`, async () => {
    const [contender, bare] = [contenderNamed(name), contenderNamed(`${name.split('/')[0]}/bare`)];
    await bare.load();
    await contender.load();
    const sample = await prepareRequests(contender, { bare, requests: 4, warmUp: 4, width: 2 });
    for (const time of Object.values(await sample())) assert.ok(time >= 0);
  });
}

test('every case names contenders that exist, and every goal a case that exists', () => {
  const cases = casesFor({ quick: true });
  for (const { subjects } of cases) {
    for (const { contender } of subjects) {
      const isLibrary = contenders.some(({ library }) => library === contender);
      assert.ok(contender === null || isLibrary || contenderNamed(contender), contender);
    }
  }
  const names = cases.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const { text } of goals) assert.ok(names.includes(text.split(':')[0]), text);
});

test('a goal holds at its limit, is missed above it, and is not measured without its rows', () => {
  const rows = (ours) => [
    { case: 'success', contender: 'fusewire/lean', nsOverBareFastest: ours },
    { case: 'success', contender: 'cockatiel/sampling', nsOverBareFastest: 100 },
  ];
  const verdict = (found) => judge(found).find(({ goal }) => goal === 'success: fusewire/lean / cockatiel/sampling');
  assert.equal(verdict(rows(60)).verdict, 'holds');
  assert.equal(verdict(rows(61)).verdict, 'missed');
  assert.equal(verdict(rows(61)).measured, 0.61);
  assert.equal(verdict([]).verdict, 'not measured');
  assert.match(goalTable(judge(rows(90))), /MISSED by 50 %/);
});

test('a filter takes whole words from the start', () => {
  assert.ok(passes('fusewire/lean', []));
  assert.ok(passes('fusewire/lean', ['fusewire']));
  assert.ok(passes('in-flight-1000', ['in-flight-1000']));
  assert.ok(!passes('in-flight-100000', ['in-flight-1000']));
  assert.deepEqual(readArguments(['--quick', '--case', 'success', '--case', 'failure']).case, ['success', 'failure']);
  assert.throws(() => readArguments(['--fast']), /--fast/);
});

test('a row that could not be measured says why', () => {
  const [success] = casesFor({ quick: true });
  const text = caseTable(success, [{ case: 'success', contender: 'fusewire/lean', unavailable: 'no such package' }]);
  assert.match(text, /fusewire\/lean +not measured: no such package/);
});
