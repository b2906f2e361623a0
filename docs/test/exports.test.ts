/** The inventory of exports, compared with the declarations that the packages publish. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allModules, exportInventory, reasonOf } from '../site/reference/exports.ts';

const modules = new Map(allModules().map(({ module, exports }) => [module, exports]));

/** Returns the names of the values that a module exports. */
function valuesOf(module: string): string[] {
  return (modules.get(module) ?? [])
    .filter(({ isValue }) => isValue)
    .map(({ name }) => name)
    .sort();
}

test('gives a reason for every export', () => {
  const all = [...modules].flatMap(([module, exports]) => exports.map((declared) => ({ module, declared })));
  assert.ok(all.length > 250, `${all.length}`);
  const without = all.filter(({ declared }) => !/^[A-Z`'].*[.:]$/.test(reasonOf(declared)));
  assert.deepEqual(
    without.map(({ module, declared }) => `${module} ${declared.name}: ${reasonOf(declared)}`),
    [],
  );
});

test('lists every module and every export once', () => {
  const inventory = exportInventory();
  for (const [module, exports] of modules) {
    const section = inventory.split(`## ${module}\n`)[1]?.split('\n## ')[0] ?? '';
    const listed = [...section.matchAll(/^\| \[`(\w+)`\]/gm)].map(([, name]) => name);
    assert.deepEqual(listed.toSorted(), exports.map(({ name }) => name).sort(), module);
  }
});

test('fusewire exports what most programs need, and nothing else', () => {
  const errors =
    'BreakerDisposed BulkheadFull CallTimeout CircuitOpen EngineLoad Options RateLimited Rejected RetriesExhausted Shed';
  const policies =
    'adaptiveBulkhead alternative bulkhead cache fallback hedge pipeline rateLimit retry retryBudget shedLoad timeout';
  const expected = [
    'BreakerRegistry',
    'CircuitBreaker',
    'isRejection',
    ...errors.split(' ').map((name) => `${name}Error`),
    ...policies.split(' '),
  ];
  assert.deepEqual(valuesOf('fusewire'), expected.sort());
});

test('fusewire/errors exports the errors of fusewire', () => {
  const errors = valuesOf('fusewire').filter((name) => name.endsWith('Error') || name === 'isRejection');
  assert.deepEqual(valuesOf('fusewire/errors'), [...errors, 'fallbackErrorsOf'].sort());
});

test('the other subpaths export what their names say', () => {
  assert.deepEqual(valuesOf('fusewire/queue'), ['QueueFullError', 'memoryQueue', 'queued']);
  assert.deepEqual(valuesOf('fusewire/adaptive'), ['adaptive']);
  assert.deepEqual(valuesOf('fusewire/doctor'), ['rules']);
});
