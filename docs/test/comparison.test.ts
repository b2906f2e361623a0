/** The comparison: each *yes* of fusewire names a test that exists. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readPage, TEST_LINK } from './test-links.ts';

const { text, links } = readPage('comparison');

/** Returns the rows of every table, each with the number of columns that the head of its table has. */
function rowsOf(lines: readonly string[]): { cells: string[]; columns: number }[] {
  let columns = 0;
  return lines
    .filter((line) => /^\| /.test(line))
    .flatMap((line) => {
      const cells = line
        .slice(1, -1)
        .split(' | ')
        .map((cell) => cell.trim());
      if (!line.startsWith('| |')) return [{ cells, columns }];
      columns = cells.length;
      return [];
    });
}

const rows = rowsOf(text.split('\n'));

test('every row has a cell for each library, and each yes of fusewire links to a test', () => {
  assert.ok(rows.length > 50, `${rows.length}`);
  for (const { cells, columns } of rows) {
    assert.equal(cells.length, columns, cells.join(' | '));
    assert.ok(
      cells.every((cell) => cell !== ''),
      cells.join(' | '),
    );
    const ours = cells[1] as string;
    if (ours.startsWith('[') || ours === 'yes') assert.match(ours, new RegExp(`^${TEST_LINK.source}$`), cells[0]);
  }
  assert.ok(links.length > 50, `${links.length}`);
});

describe('each linked test exists', () => {
  for (const { name, problem } of links) test(name, () => assert.equal(problem(), undefined));
});
