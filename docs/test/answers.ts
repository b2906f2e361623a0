/** Pages with tables of answers: their rows, and the links from answers to the tests that show them. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** Link to a test: `[yes](path "name of the test")`. */
const LINK = /\[([^\]]+)\]\(([^\s)]+) "((?:[^"\\]|\\.)*)"\)/g;

/** Cell that is a link to a test, and nothing else. */
export const LINKED = new RegExp(`^${LINK.source}$`);

/** Row of a table, with the heading above it, and the number of columns that the head of the table has. */
export interface Row {
  readonly section: string;
  readonly cells: readonly string[];
  readonly columns: number;
}

/** Link from a page to a test. */
export interface TestLink {
  readonly file: string;
  readonly name: string;
}

/** Page of `docs/pages` with tables whose head begins with an empty cell. */
export interface AnswerPage {
  readonly rows: readonly Row[];
  /** Links to tests, each once. */
  readonly links: readonly TestLink[];
  /** Number of links to tests, with repetitions. */
  readonly linkCount: number;
}

const folder = fileURLToPath(new URL('../pages/', import.meta.url));

/** Reads a page, and checks that each of its rows is complete. */
export function readAnswers(page: string): AnswerPage {
  const text = readFileSync(path.join(folder, page), 'utf8');
  const rows = rowsOf(text.split('\n'));
  for (const { cells, columns } of rows) {
    assert.equal(cells.length, columns, cells.join(' | '));
    assert.ok(!cells.includes(''), cells.join(' | '));
  }
  const found = [...text.matchAll(LINK)];
  const links = found.map(([, , file = '', name = '']) => ({ file, name: name.replaceAll(/\\(.)/g, '$1') }));
  const once = new Map(links.map((link) => [`${link.file} ${link.name}`, link]));
  return { rows, links: [...once.values()], linkCount: found.length };
}

/** Defines a test for each link: the file has a test of that name. */
export function checkLinks({ links }: AnswerPage): void {
  describe('each linked test exists', () => {
    for (const { file, name } of links) {
      test(name, () => {
        const target = path.join(folder, file);
        assert.ok(existsSync(target), `there is no ${file}`);
        assert.ok(isIn(readFileSync(target, 'utf8'), name, path.extname(file)), `${file} has no test of that name`);
      });
    }
  });
}

function rowsOf(lines: readonly string[]): Row[] {
  let columns = 0;
  let section = '';
  return lines.flatMap((line) => {
    section = /^#+ (.*)$/.exec(line)?.[1] ?? section;
    if (!line.startsWith('| ')) return [];
    const cells = line
      .slice(1, -1)
      .split(' | ')
      .map((cell) => cell.trim());
    if (!line.startsWith('| |')) return [{ section, cells, columns }];
    columns = cells.length;
    return [];
  });
}

/** Whether a file contains a test, a vector or a Rust function of that name. */
function isIn(source: string, name: string, extension: string): boolean {
  if (extension === '.rs') return new RegExp(`#\\[test\\]\\s+fn ${name}\\(\\)`).test(source);
  if (extension === '.json') return source.includes(`"name": ${JSON.stringify(name)}`);
  // The packaging tests have `holds(tool, name, …)`.
  return ["'", '"', '`'].some((quote) =>
    source
      .split(`${quote}${name}${quote}`)
      .slice(0, -1)
      .some((before) => /\b(?:it|test|holds)\((?:'[^']*', )?$/.test(before)),
  );
}
