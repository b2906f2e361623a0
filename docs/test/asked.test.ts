/** The page about the four documents: every row is there, each *yes* names a test that exists, and the counts are right. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { rowsOf } from './answers.ts';
import { readPage } from './test-links.ts';

const ROWS = 476;
/** Answer of a row: a link to a test, which a figure may follow, or a reason. */
const ANSWER = /^(?:\[(?<yes>yes)\]\(\S+ "(?:[^"\\]|\\.)+"\)(?:: .+)?|(?<other>partly|no): .+)$/;

const { text, links } = readPage('asked');
const rows = rowsOf(text);
const isCount = ({ section }: { readonly section: string }): boolean => section === 'What the four documents ask';
const counts = rows.filter(isCount).map(({ cells }) => cells);
const answers = rows
  .filter((row) => !isCount(row))
  .map(({ section, cells: [id, , answer = ''] }) => {
    const { yes, other } = ANSWER.exec(answer)?.groups ?? {};
    return { section, id: Number(id), answer, kind: yes ?? other };
  });

test(`every number from 1 to ${ROWS} appears once, in order`, () => {
  assert.deepEqual(
    answers.map(({ id }) => id),
    Array.from({ length: ROWS }, (_, index) => index + 1),
  );
});

test('each yes links to a test, and each partly and no has a reason', () => {
  for (const { id, answer, kind } of answers) assert.ok(kind !== undefined, `${id}: ${answer}`);
});

test('the counts are those of the tables', () => {
  const kinds = ['yes', 'partly', 'no'];
  const countOf = (section: string): string[] => {
    const its = answers.filter((each) => section === 'all' || each.section === section);
    return [section, ...kinds.map((kind) => its.filter((each) => each.kind === kind).length), its.length].map(String);
  };
  const sections = [...new Set(answers.map(({ section }) => section)), 'all'];
  assert.deepEqual(counts, sections.map(countOf));
});

const linked = new Map(links.map((link) => [`${link.file} ${link.name}`, link]));

describe('each linked test exists', () => {
  for (const { name, problem } of linked.values()) test(name, () => assert.equal(problem(), undefined));
});
