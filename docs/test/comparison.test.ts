/** The comparison: each *yes* of fusewire names a test that exists. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { rowsOf } from './answers.ts';
import { readPage, TEST_LINK } from './test-links.ts';

const { text, links } = readPage('comparison');

test('every row has a cell for each library, and each yes of fusewire links to a test', () => {
  const rows = rowsOf(text);
  assert.ok(rows.length > 50, `${rows.length}`);
  for (const { cells } of rows) {
    const [feature, ours = ''] = cells;
    if (ours.startsWith('[') || ours === 'yes') assert.match(ours, new RegExp(`^${TEST_LINK.source}$`), feature);
  }
  assert.ok(links.length > 50, `${links.length}`);
});

describe('each linked test exists', () => {
  for (const { name, problem } of links) test(name, () => assert.equal(problem(), undefined));
});
