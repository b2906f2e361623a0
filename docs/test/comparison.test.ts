/** The comparison: each *yes* of fusewire names a test that exists. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkLinks, LINKED, readAnswers } from './answers.ts';

const page = readAnswers('comparison.md');

test('every row has a cell for each library, and each yes of fusewire links to a test', () => {
  assert.ok(page.rows.length > 50, `${page.rows.length}`);
  for (const { cells } of page.rows) {
    const [feature, ours = ''] = cells;
    if (ours.startsWith('[') || ours === 'yes') assert.match(ours, LINKED, feature);
  }
  assert.ok(page.linkCount > 50, `${page.linkCount}`);
});

checkLinks(page);
