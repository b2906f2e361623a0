/**
 * Mistakes that people will make. Each one does not compile, is refused with a sentence that names the remedy, causes one warning
 * in development, or simply works.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { pitfalls } from './pitfalls.ts';

const uncompilable = readFileSync(new URL('uncompilable.ts', import.meta.url), 'utf8');

for (const { number, mistake, answer, show } of pitfalls) {
  const id = `P${number}`;
  test(`${id}, ${mistake}: ${answer}`, async (t) => {
    if (answer === 'does not compile') assert.match(uncompilable, new RegExp(`// ${id}\\b[^]*?@ts-expect-error`));
    await show?.(t);
  });
}

test('every pitfall of the review is answered', () => {
  const numbers = pitfalls.map(({ number }) => number);
  assert.deepEqual(
    numbers,
    Array.from({ length: 29 }, (_, index) => index + 1),
  );
});
