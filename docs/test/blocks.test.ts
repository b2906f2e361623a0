/** Code blocks of the published documents: each compiles, runs, and prints the output shown beside it. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, test } from 'node:test';
import { run } from '../../tests/runtimes/processes.ts';
import { blocksOf, DIVIDER, documents, settingsOf, work, writePrograms } from './blocks.ts';

/** Largest number of blocks that are not run. */
const MOST_UNRUN = 3;

const compiler = path.join(path.dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
const only = process.env['BLOCKS'] ?? '';
const blocks = documents()
  .flatMap(blocksOf)
  .filter(({ position }) => position.includes(only));
const programs = await writePrograms(blocks);

const languages = ['typescript', 'javascript'].filter((name) =>
  [...programs.keys()].some(({ language }) => name[0] === language[0]),
);

for (const language of languages) {
  test(`blocks in ${language} pass the compiler`, async () => {
    await run([process.execPath, compiler, '--project', settingsOf(language), '--pretty', 'false'], { seconds: 240 });
  });
}

test('few blocks are not run, and each has a reason', () => {
  const unrun = blocks.filter((block) => block.unrun !== undefined);
  assert.ok(unrun.every((block) => block.unrun !== ''));
  assert.ok(unrun.length <= MOST_UNRUN, unrun.map(({ position, unrun }) => `${position}: ${unrun}`).join('\n'));
});

describe('each block runs and prints the output shown', { concurrency: 2 }, () => {
  for (const [{ position, expected }, program] of programs) {
    test(position, async () => {
      const written = await run([process.execPath, '--no-warnings', program], { cwd: work, seconds: 40 });
      const own = written.split(DIVIDER).at(-1) as string;
      if (expected !== undefined) assert.equal(own.trimEnd(), expected.trimEnd());
    });
  }
});
