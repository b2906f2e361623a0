/** Beside others: what is said to be so is shown by a test that is there. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const page = fileURLToPath(new URL('../pages/comparison.md', import.meta.url));
const text = readFileSync(page, 'utf8');

/** The feature, ours, and those of the six others. */
const COLUMNS = 8;
const LINK = /\[([^\]]+)\]\(([^\s)]+) "((?:[^"\\]|\\.)*)"\)/g;

const rows = text
  .split('\n')
  .filter((line) => /^\| [^|]/.test(line) && !line.startsWith('| |'))
  .map((line) => line.slice(2, -2).split(' | '));
const links = [...text.matchAll(LINK)].map(([, , file = '', name = '']) => ({
  file,
  name: name.replaceAll(/\\(.)/g, '$1'),
}));

test('every row says something of everybody, and leads to a test of ours', () => {
  assert.ok(rows.length > 50, `${rows.length}`);
  for (const row of rows) {
    assert.equal(row.length, COLUMNS, row.join(' | '));
    assert.ok(
      row.every((cell) => cell.trim() !== ''),
      row.join(' | '),
    );
    assert.match(row[1] as string, new RegExp(`^${LINK.source}$`), row[0]);
  }
  assert.ok(links.length >= rows.length);
});

describe('a test that is named', () => {
  for (const { file, name } of links) {
    test(`is there: ${name}`, () => {
      const target = path.join(path.dirname(page), file);
      assert.ok(existsSync(target), `there is no ${file}`);
      assert.ok(isIn(readFileSync(target, 'utf8'), name, path.extname(file)), `${file} has no test of that name`);
    });
  }
});

/** Whether a file has a test, a vector or a Rust function of that name. */
function isIn(source: string, name: string, extension: string): boolean {
  if (extension === '.rs') return new RegExp(`#\\[test\\]\\s+fn ${name}\\(\\)`).test(source);
  if (extension === '.json') return source.includes(`"name": ${JSON.stringify(name)}`);
  return ['it', 'test'].some((how) =>
    ["'", '"', '`'].some((quote) => source.includes(`${how}(${quote}${name}${quote}`)),
  );
}
