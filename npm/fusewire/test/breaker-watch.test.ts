import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BreakerRegistry, CircuitBreaker, pipeline } from 'fusewire';
import { BreakerWatch } from 'fusewire/kit';
import type { BreakerSource } from 'fusewire/kit';

/** Returns a watch, and the names of the breakers that it observes now. */
function watchOf(...sources: BreakerSource[]) {
  const names: string[] = [];
  const watch = new BreakerWatch(({ name }) => {
    names.push(name);
    return () => names.splice(names.indexOf(name), 1);
  });
  return { names, watch, remove: sources.map((source) => watch.add(source)) };
}

describe('BreakerWatch', () => {
  it('observes the breakers of a registry, and those that come', () => {
    const registry = new BreakerRegistry();
    registry.create('named');
    registry.for('keyed');
    const { names, watch } = watchOf(registry);
    registry.for('later');
    assert.deepEqual(names, ['named', 'keyed', 'later']);
    watch.close();
    registry.for('last');
    assert.deepEqual(names, []);
  });

  it('ends with a breaker that is deleted, disposed of or evicted', () => {
    const registry = new BreakerRegistry({ max: 2 });
    const { names } = watchOf(registry);
    for (const name of ['a', 'b', 'c']) registry.for(name);
    assert.deepEqual(names, ['b', 'c']);
    registry.delete('b');
    registry.get('c')?.dispose();
    assert.deepEqual(names, []);
  });

  it('observes anew a breaker that replaces one of its name', () => {
    const registry = new BreakerRegistry();
    const { names } = watchOf(registry);
    registry.create('a').dispose();
    registry.create('a');
    assert.deepEqual(names, ['a']);
  });

  it('observes a breaker of several sources once, until the last has lost it', () => {
    const registry = new BreakerRegistry();
    const breaker = registry.for('shared');
    const guarded = pipeline({ breaker });
    const { names, remove } = watchOf(registry, breaker, guarded);
    assert.deepEqual(names, ['shared']);
    remove[1]?.();
    remove[1]?.();
    remove[2]?.();
    assert.deepEqual(names, ['shared']);
    registry.delete('shared');
    assert.deepEqual(names, []);
  });

  it('observes nothing of a pipeline without a breaker, and of a disposed one', () => {
    const disposed = new CircuitBreaker({ name: 'disposed' });
    disposed.dispose();
    const { names, watch } = watchOf(pipeline({ retry: 2 }), disposed);
    assert.deepEqual(names, []);
    watch.close();
  });

  it('ends with a breaker of no registry once it is asked for disposed ones', () => {
    const breaker = new CircuitBreaker({ name: 'alone' });
    const { names, watch } = watchOf(breaker);
    breaker.dispose();
    watch.dropDisposed();
    assert.deepEqual(names, []);
    watch.close();
  });
});
