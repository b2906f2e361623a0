/** The reference leaves nothing out: neither of what the package exports nor of what the engine reads. */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { test } from 'node:test';
import { errorNames } from '../site/reference/errors.ts';
import { breakerOptions } from '../site/reference/options.ts';
import { refusedPairs } from '../site/reference/orders.ts';
import { at, read } from '../site/repository.ts';

/** The options that the page of options describes, one after the other. */
function described(): string[] {
  const groups = read('docs/pages/options.md').matchAll(/<!-- generated options "([^"]+)" -->/g);
  return [...groups].flatMap(([, names = '']) => names.split(' ')).sort();
}

test('every option that the types have is described, once', () => {
  assert.deepEqual(
    described(),
    breakerOptions()
      .map(({ name }) => name)
      .sort(),
  );
});

test('every option that the engine reads is described', () => {
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

test('every reason is explained', () => {
  const words = read('npm/fusewire/src/engine/names.ts');
  const tables = /const REASON_NAMES[^]*?\} as const[^]*?const REJECTION_NAMES[^]*?\} as const/.exec(words)?.[0] ?? '';
  const reasons = [...tables.matchAll(/: '([a-z-]+)',/g)].map(([, reason = '']) => reason);
  assert.ok(reasons.length > 15, reasons.join(' '));
  const page = read('docs/pages/stats.md');
  const missing = reasons.filter((reason) => !page.includes(`\`${reason}\``));
  assert.deepEqual(missing, []);
});

test('every error is described', () => {
  const page = read('docs/pages/errors.md');
  assert.deepEqual(
    errorNames().filter((name) => !page.includes(`### ${name}\n`)),
    [],
  );
});

test('every policy is described', () => {
  const page = read('docs/pages/policies.md');
  const exported = [
    ...read('npm/fusewire/src/index.ts').matchAll(/ from '\.\/policies\/(?!fallback)([\w-]+)\/([\w-]+)\.ts'/g),
  ];
  const files = new Set(
    exported.map(([, , file = '']) => file.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())),
  );
  const otherFiles = ['pipeline', 'pipelineParts', 'options', 'concurrencyLimiter', 'retryAfter'];
  const missing = [...files].filter(
    (name) => !otherFiles.includes(name) && !new RegExp(`^##+ ${name}$`, 'm').test(page),
  );
  assert.deepEqual(missing, []);
});

test('the pipeline refuses as many orders as its source lists', () => {
  const source = read('npm/fusewire/src/policies/pipeline/order-check.ts');
  const table = source.slice(
    source.indexOf('const HARMFUL_ORDERS'),
    source.indexOf('];', source.indexOf('const HARMFUL_ORDERS')),
  );
  const listed = [...table.matchAll(/\[\s*'\w+',\s*'\w+',/g)].length;
  assert.equal(listed, 14);
  assert.equal(refusedPairs().length, listed);
});
