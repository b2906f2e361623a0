import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { countFailure, originBreakers } from '@fusewire/http';
import { CircuitBreaker, isBreakerOptionsError } from 'fusewire';
import { turn } from './support.ts';

describe('originBreakers', () => {
  it('has one breaker for each origin, with the same rules about errors', async () => {
    const origins = originBreakers({ breaker: { failureThreshold: 1 } });
    const breaker = origins.for('https://api.example.org/orders?id=1');
    assert.equal(breaker.name, 'https://api.example.org');
    assert.equal(origins.for(new URL('https://api.example.org:443')), breaker);
    assert.notEqual(origins.for('http://api.example.org'), breaker);
    const missing = Object.assign(new Error('it'), { status: 404 });
    await assert.rejects(breaker.execute(() => Promise.reject(missing)));
    assert.equal(breaker.state, 'CLOSED');
    assert.equal(origins.registry.size, 2);
  });

  it('takes the longest host there can be', () => {
    const label = 'a'.repeat(49);
    const host = [label, label, label, label, label].join('.');
    assert.equal(originBreakers().for(`https://${host}.test`).name.length, 200);
  });

  it('goes after the options of an origin, and after the caller', () => {
    const own = new CircuitBreaker({ name: 'own' });
    const origins = originBreakers({
      breaker: { timeout: 1_000, classify: () => 'ignore' },
      origins: { 'https://api.example.org': { timeout: 2_000 } },
      breakerFor: ({ hostname }) => (hostname === 'own.example.org' ? own : undefined),
    });
    assert.equal(origins.for('https://own.example.org'), own);
    assert.equal(origins.registry.size, 0);
    assert.equal(origins.for('https://api.example.org').state, 'CLOSED');
  });

  it('lets go of those that nobody asks for', () => {
    let time = 0;
    const origins = originBreakers({ breaker: { clock: () => time }, keyed: { idle: 1_000 } });
    const first = origins.for('http://one.test');
    time = 1_000;
    assert.notEqual(origins.for('http://one.test'), first);
  });

  it('tells everything that is wrong, and what is no URL', () => {
    assert.throws(
      () => originBreakers({ breaker: 5, origins: { 'HTTPS://API.example.org': {} }, other: 1 } as never),
      (error) => isBreakerOptionsError(error) && error.problems.length === 3,
    );
    assert.throws(() => originBreakers().for('no url'), TypeError);
  });

  it('counts what failed after it had succeeded', async () => {
    const breaker = new CircuitBreaker({ failureThreshold: 1 });
    countFailure(breaker, new Error('broke off'));
    await turn();
    assert.equal(breaker.state, 'OPEN');
    countFailure(breaker, new Error('again'));
    await turn();
    assert.equal(breaker.getStats().totalFailures, 1);
    breaker.dispose();
    countFailure(breaker, new Error('late'));
    await turn();
  });
});
