import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { countFailure, originBreakers } from '@fusewire/http';
import { CircuitBreaker, OptionsError } from 'fusewire';
import { turn } from '../../../../tests/clients/support.ts';

describe('originBreakers', () => {
  it('returns one breaker for each origin, which classifies errors by the preset', async () => {
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

  it('shortens the name of the longest possible host', () => {
    const label = 'a'.repeat(49);
    const host = [label, label, label, label, label].join('.');
    assert.equal(originBreakers().for(`https://${host}.test`).name.length, 200);
  });

  it('prefers a breaker of breakerFor, then the options of the origin', () => {
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

  it('removes breakers that are idle', () => {
    let time = 0;
    const origins = originBreakers({ breaker: { clock: () => time }, idle: 1_000 });
    const first = origins.for('http://one.test');
    time = 1_000;
    assert.notEqual(origins.for('http://one.test'), first);
  });

  it('reports every invalid option at once, and rejects an invalid URL', () => {
    assert.throws(
      () => originBreakers({ breaker: 5, origins: { 'HTTPS://API.example.org': {} }, other: 1 } as never),
      (error) => error instanceof OptionsError && error.problems.length === 3,
    );
    assert.throws(() => originBreakers().for('no url'), TypeError);
  });

  it('shows no part of an origin with a password, nor of a text in place of the origins', () => {
    for (const origins of [{ 'https://user:s3cr3t@api.example.org': {} }, 'https://user:s3cr3t@api.example.org']) {
      assert.throws(
        () => originBreakers({ origins } as never),
        (error) => error instanceof OptionsError && !inspect(error, { depth: null }).includes('s3cr3t'),
      );
    }
  });

  it('countFailure() adds a failure, except while the circuit is open or disposed', async () => {
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
