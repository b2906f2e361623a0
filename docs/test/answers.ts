/** Tables of answers: their rows, by the heading above them. */
import assert from 'node:assert/strict';

/** Row of a table, with the heading above it. */
export interface Row {
  readonly section: string;
  readonly cells: readonly string[];
}

/** Returns the rows of every table whose head begins with an empty cell. Each row must be complete. */
export function rowsOf(text: string): Row[] {
  let columns = 0;
  let section = '';
  return text.split('\n').flatMap((line) => {
    section = /^#+ (.*)$/.exec(line)?.[1] ?? section;
    if (!line.startsWith('| ')) return [];
    const cells = line
      .slice(1, -1)
      .split(' | ')
      .map((cell) => cell.trim());
    if (line.startsWith('| |')) {
      columns = cells.length;
      return [];
    }
    assert.equal(cells.length, columns, cells.join(' | '));
    assert.ok(!cells.includes(''), cells.join(' | '));
    return [{ section, cells }];
  });
}
