/** The serverless recipe: each invocation is a process that restores the breaker of the one before it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { CircuitBreaker } from 'fusewire';
import type { BreakerSnapshot } from 'fusewire';
import { thrown } from './support.ts';

const RESET_TIMEOUT = 3_600_000;

/** Invocation as in docs/pages/recipes/serverless.md. The time of day is `later` milliseconds ahead. */
const INVOCATION = `
  import { existsSync, readFileSync, writeFileSync } from 'node:fs';
  import { CircuitBreaker } from ${JSON.stringify(import.meta.resolve('fusewire'))};
  const [file, later, outcome] = process.argv.slice(1);
  const now = Date.now;
  Date.now = () => now() + Number(later);
  const options = { name: 'orders', failureThreshold: 2, successThreshold: 1, resetTimeout: ${RESET_TIMEOUT} };
  const breaker = existsSync(file)
    ? CircuitBreaker.restore(JSON.parse(readFileSync(file, 'utf8')), options)
    : new CircuitBreaker(options);
  breaker.on('stateChange', () => writeFileSync(file, JSON.stringify(breaker)));
  const { state, retryAfter } = breaker.getStats();
  const call = () => breaker.execute(() => (outcome === 'success' ? 'answered' : Promise.reject(new Error('down'))));
  for (let count = 0; count < 2; count++) await call().catch(() => undefined);
  console.log(JSON.stringify({ before: state, retryAfter, after: breaker.state }));`;

interface Invocation {
  readonly before: string;
  readonly retryAfter: number | null;
  readonly after: string;
}

function invoke(file: string, later: number, outcome: 'success' | 'failure'): Invocation {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--no-warnings', '--input-type=module', '--eval', INVOCATION, file, String(later), outcome],
    { encoding: 'utf8', timeout: 120_000 },
  );
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as Invocation;
}

describe('a breaker that each process restores', () => {
  it('opens in one process, stays open in the next, and recovers in the third', (test) => {
    const folder = mkdtempSync(join(tmpdir(), 'fusewire-serverless-'));
    test.after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'breaker.json');

    const first = invoke(file, 0, 'failure');
    assert.deepEqual([first.before, first.after], ['CLOSED', 'OPEN']);

    const second = invoke(file, RESET_TIMEOUT / 2, 'success');
    assert.deepEqual([second.before, second.after], ['OPEN', 'OPEN']);
    assert.ok((second.retryAfter as number) <= RESET_TIMEOUT / 2, `${second.retryAfter} ms remain`);

    const third = invoke(file, RESET_TIMEOUT, 'success');
    assert.deepEqual([third.before, third.after], ['HALF_OPEN', 'CLOSED']);
  });
});

describe('the time since a snapshot was taken', () => {
  /** Returns a snapshot of an open circuit, with `savedAt` in place of its own. */
  const snapshotOf = (savedAt: unknown): BreakerSnapshot => {
    const breaker = new CircuitBreaker({ name: 'orders', resetTimeout: 60_000, clock: () => 0 });
    const saved = breaker.toJSON();
    breaker.dispose();
    const progress = { ramped: null, elapsed: 0, remaining: 60_000, successes: null, failures: null };
    return { ...saved, state: 'OPEN', progress, savedAt } as BreakerSnapshot;
  };
  const options = { resetTimeout: 60_000 };

  it('has no effect if the clock was set back, or the snapshot does not say when it was taken', (test) => {
    test.mock.method(performance, 'now', () => 1_000);
    test.mock.timers.enable({ apis: ['Date'], now: 1_700_000_000_000 });
    for (const savedAt of [1_700_000_000_000, 1_700_003_600_000, undefined]) {
      assert.equal(CircuitBreaker.restore(snapshotOf(savedAt), options).getStats().retryAfter, 60_000, String(savedAt));
    }
    assert.equal(CircuitBreaker.restore(snapshotOf(1_699_999_990_000), options).getStats().retryAfter, 50_000);
    assert.equal(CircuitBreaker.restore(snapshotOf(0), options).state, 'HALF_OPEN');
  });

  it('has no effect on a breaker with a clock of its own', () => {
    const restored = CircuitBreaker.restore(snapshotOf(0), { ...options, clock: () => 5 });
    assert.equal(restored.getStats().retryAfter, 60_000);
  });

  it('is rejected if it is no time', () => {
    for (const savedAt of [null, Number.NaN, Number.POSITIVE_INFINITY, -1, 'yesterday']) {
      const { message } = thrown(() => CircuitBreaker.restore(snapshotOf(savedAt), options));
      assert.match(message, /snapshot\.savedAt must be a time in milliseconds since 1970/);
    }
  });
});
