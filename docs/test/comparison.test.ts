/** The comparison: each *yes* of fusewire names a test that exists. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const page = fileURLToPath(new URL('../pages/comparison.md', import.meta.url));
const text = readFileSync(page, 'utf8');

const LINK = /\[([^\]]+)\]\(([^\s)]+) "((?:[^"\\]|\\.)*)"\)/g;

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
const links = [...text.matchAll(LINK)].map(([, , file = '', name = '']) => ({
  file,
  name: name.replaceAll(/\\(.)/g, '$1'),
}));

test('every row has a cell for each library, and each yes of fusewire links to a test', () => {
  assert.ok(rows.length > 50, `${rows.length}`);
  for (const { cells, columns } of rows) {
    assert.equal(cells.length, columns, cells.join(' | '));
    assert.ok(
      cells.every((cell) => cell !== ''),
      cells.join(' | '),
    );
    const ours = cells[1] as string;
    if (ours.startsWith('[') || ours === 'yes') assert.match(ours, new RegExp(`^${LINK.source}$`), cells[0]);
  }
  assert.ok(links.length > 50, `${links.length}`);
});

describe('each linked test exists', () => {
  for (const { file, name } of links) {
    test(name, () => {
      const target = path.join(path.dirname(page), file);
      assert.ok(existsSync(target), `there is no ${file}`);
      assert.ok(isIn(readFileSync(target, 'utf8'), name, path.extname(file)), `${file} has no test of that name`);
    });
  }
});

/** Whether a file contains a test, a vector or a Rust function of that name. */
function isIn(source: string, name: string, extension: string): boolean {
  if (extension === '.rs') return new RegExp(`#\\[test\\]\\s+fn ${name}\\(\\)`).test(source);
  if (extension === '.json') return source.includes(`"name": ${JSON.stringify(name)}`);
  return ['it', 'test'].some((how) =>
    ["'", '"', '`'].some((quote) => source.includes(`${how}(${quote}${name}${quote}`)),
  );
}
