/** The page about queues: each *yes* and each promise names a test that exists. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readPage } from './test-links.ts';

const { text, links } = readPage('nothing-lost');

test('each yes links to a test', () => {
  assert.ok(links.length > 20, `${links.length}`);
  assert.doesNotMatch(text, /\| yes \|/);
});

describe('each linked test exists', () => {
  for (const { name, problem } of links) test(name, () => assert.equal(problem(), undefined));
});
