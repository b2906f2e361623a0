/** Completeness of the reference, compared with the exports of the packages and the options that the engine reads. */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { describe, test } from 'node:test';
import { apiPages } from '../../site/reference/api.ts';
import { entriesOf } from '../../site/reference/declarations.ts';
import { errorNames } from '../../site/reference/errors.ts';
import { breakerOptions } from '../../site/reference/options.ts';
import { refusedPairs } from '../../site/reference/orders.ts';
import { apiIndex, packageFolders } from '../../site/reference/packages.ts';
import { at, read } from '../../site/repository.ts';

/** Returns the options that the page of options describes. */
function described(): string[] {
  const groups = read('docs/pages/options.md').matchAll(/<!-- generated options "([^"]+)" -->/g);
  return [...groups].flatMap(([, names = '']) => names.split(' ')).sort();
}

test('describes every option of the types once', () => {
  assert.deepEqual(
    described(),
    breakerOptions()
      .map(({ name }) => name)
      .sort(),
  );
});

test('describes every option that the engine reads', () => {
  const sources = globSync('crates/breaker-bridge/src/{options,options/*}.rs', { cwd: at() }).map(read).join('\n');
  const reading = /fn read\(&mut self, name: &str[^]*?_ => self\.report\(name, Kind::Unknown/.exec(sources)?.[0] ?? '';
  const names = new Set(
    [...reading.matchAll(/^\s+"(\w+)"(?: if [^=]+==[^=]+)? =>/gm)].map(([, name]) => name as string),
  );
  assert.ok(names.size > 15, [...names].join(' '));
  const page = described();
  assert.deepEqual(
    [...names].filter((name) => !page.includes(name)),
    [],
  );
});

test('describes every reason', () => {
  const source = read('npm/fusewire/src/engine/names.ts');
  const tables = /const REASON_NAMES[^]*?\} as const[^]*?const REJECTION_NAMES[^]*?\} as const/.exec(source)?.[0] ?? '';
  const reasons = [...tables.matchAll(/: '([a-z-]+)',/g)].map(([, reason = '']) => reason);
  assert.ok(reasons.length > 15, reasons.join(' '));
  const page = read('docs/pages/stats.md');
  const missing = reasons.filter((reason) => !page.includes(`\`${reason}\``));
  assert.deepEqual(missing, []);
});

test('describes every error', () => {
  const page = read('docs/pages/errors.md');
  assert.deepEqual(
    errorNames().filter((name) => !page.includes(`### ${name}\n`)),
    [],
  );
});

test('describes every policy', () => {
  const page = read('docs/pages/policies.md');
  const exported = [
    ...read('npm/fusewire/src/index.ts').matchAll(/ from '\.\/policies\/(?!fallback)([\w-]+)\/([\w-]+)\.ts'/g),
  ];
  const files = new Set(
    exported.map(([, , file = '']) => file.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())),
  );
  const helpers = [
    'pipeline',
    'pipelineListeners',
    'pipelineParts',
    'policy',
    'options',
    'concurrencyLimiter',
    'retryAfter',
  ];
  const missing = [...files].filter((name) => !helpers.includes(name) && !new RegExp(`^##+ ${name}$`, 'm').test(page));
  assert.deepEqual(missing, []);
});

test('lists as many refused orders as the source of the pipeline', () => {
  const source = read('npm/fusewire/src/policies/pipeline/order-check.ts');
  const table = source.slice(
    source.indexOf('const HARMFUL_ORDERS'),
    source.indexOf('];', source.indexOf('const HARMFUL_ORDERS')),
  );
  const listed = [...table.matchAll(/\[\s*'\w+',\s*'\w+',/g)].length;
  assert.equal(listed, 17);
  assert.equal(refusedPairs().length, listed);
});

describe('the API reference', async () => {
  const pages = new Map((await apiPages()).map(({ name, text }) => [name, text]));
  const symbols = packageFolders().flatMap((folder) => entriesOf(folder).flatMap(({ exports }) => exports));

  test('has one page for each symbol and an index page for each package', () => {
    const names = [...symbols.map(({ page }) => page), ...packageFolders().map(apiIndex)];
    assert.ok(symbols.length > 300, `${symbols.length}`);
    assert.deepEqual([...pages.keys()].sort(), names.toSorted());
    // On some disks, names that differ only by case are the same file.
    assert.equal(new Set(names.map((name) => name.toLowerCase())).size, names.length);
  });

  test('links to every symbol from the index page of its package', () => {
    const missing = packageFolders().flatMap((folder) =>
      entriesOf(folder)
        .flatMap(({ exports }) => exports)
        .filter(({ page }) => !pages.get(apiIndex(folder))?.includes(`(api:${page})`))
        .map(({ page }) => page),
    );
    assert.deepEqual(missing, []);
  });

  test('leads with CircuitBreaker', () => {
    assert.match(pages.get('api/fusewire/index') ?? '', /^# fusewire\n[^]*?^## CircuitBreaker\n/m);
    assert.doesNotMatch(pages.get('api/fusewire/index') ?? '', /^## (?!CircuitBreaker)[^]*^## CircuitBreaker/m);
  });

  test('shows return types as in the source', () => {
    const registry = pages.get('api/fusewire/BreakerRegistry') ?? '';
    assert.match(registry, /^get\(name: string\): CircuitBreaker \| undefined;$/m);
    assert.match(registry, /`get\(\)`.*CircuitBreaker\]\(api:fusewire|undefined<\/code> \|$/m);
    assert.match(registry, /retryBudget<\/code> \| <code>\[RetryBudget\]\([^)]*\) &#124; undefined<\/code>/);
  });

  test('marks optional properties instead of repeating undefined', () => {
    assert.match(pages.get('api/fusewire/CircuitBreakerOptions') ?? '', /name\?<\/code> \| <code>string<\/code>/);
  });

  test('documents parameters and errors of methods', () => {
    const breaker = pages.get('api/fusewire/CircuitBreaker') ?? '';
    const restore = /^### restore\(\)[^]*?(?=^### )/m.exec(breaker)?.[0] ?? '';
    assert.match(restore, /\*\*Parameters\*\*[^]*\| <code>snapshot<\/code> \| <code>\[BreakerSnapshot\]\(api:/);
    assert.match(restore, /\*\*Throws\*\*\n\n- \[`OptionsError`\]\(api:/);
  });

  test('contains no unresolved {@link}', () => {
    const unresolved = [...pages].filter(([, text]) => text.includes('{@')).map(([name]) => name);
    assert.deepEqual(unresolved, []);
  });
});
