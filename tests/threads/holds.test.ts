/** Overrides of a breaker of process scope: each is a hold of the engine, which only its own release ends. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type CircuitBreaker } from 'fusewire';
import { inWorker, open, startWorker } from './shared-breaker.ts';

/** Opens the breaker of a name twice, as two threads do. */
function openTwice(name: string): [CircuitBreaker, CircuitBreaker] {
  return [open(name), open(name)];
}

describe('a release after its hold has ended', () => {
  const ends: [string, (theirs: CircuitBreaker) => void][] = [
    ['releaseOverride()', (theirs) => theirs.releaseOverride()],
    ['reset()', (theirs) => theirs.reset()],
    ['forceClosed() and releaseOverride()', (theirs) => (theirs.forceClosed(), theirs.releaseOverride())],
    ['shadow()', (theirs) => theirs.shadow()],
  ];
  for (const [name, end] of ends) {
    test(`by ${name} of another thread leaves a later forceOpen() in place`, () => {
      const [mine, theirs] = openTwice(`forceOpen, ${name}`);
      const release = mine.forceOpen();
      end(theirs);
      theirs.forceOpen();
      release();
      assert.equal(mine.override, 'FORCED_OPEN');
      mine.dispose();
      theirs.dispose();
    });
  }

  test('leaves an override of another kind in place, that of another thread included', () => {
    const [mine, theirs] = openTwice('other kinds');
    const releases = [mine.forceOpen(), mine.forceClosed(), mine.shadow()];
    theirs.releaseOverride();
    const release = theirs.forceClosed();
    for (const late of releases) late();
    assert.equal(mine.override, 'FORCED_CLOSED');
    release();
    assert.equal(mine.override, 'NONE');
    mine.dispose();
    theirs.dispose();
  });
});

test('a release of forceClosed() or shadow() leaves the same override of a later thread in place', () => {
  const [mine, theirs] = openTwice('the same');
  for (const override of ['forceClosed', 'shadow'] as const) {
    const first = mine[override]();
    const second = theirs[override]();
    first();
    assert.notEqual(mine.override, 'NONE', override);
    second();
    assert.equal(mine.override, 'NONE', override);
  }
  mine.dispose();
  theirs.dispose();
});

test('two threads hold one forced opening, which the last of them ends', async () => {
  using breaker = open('two holders');
  const release = breaker.forceOpen();
  const other = await startWorker(
    'two holders',
    'globalThis.release = breaker.forceOpen(); return breaker.override',
    undefined,
    'release(); release(); parentPort.postMessage(0)',
  );
  assert.equal(other.posted, 'FORCED_OPEN');
  await new Promise((resolve) => {
    other.worker.once('message', resolve);
    other.worker.postMessage(0);
  });
  assert.equal(breaker.override, 'FORCED_OPEN');
  release();
  assert.equal(breaker.override, 'NONE');
  await other.worker.terminate();
});

test('releaseOverride() in one thread ends the holds of all, and their releases do nothing', async () => {
  using breaker = open('all holds');
  const release = breaker.forceOpen();
  assert.equal(await inWorker('all holds', 'breaker.releaseOverride(); return breaker.override'), 'NONE');
  const again = breaker.forceOpen();
  release();
  assert.equal(breaker.override, 'FORCED_OPEN');
  again();
  assert.equal(breaker.override, 'NONE');
});
