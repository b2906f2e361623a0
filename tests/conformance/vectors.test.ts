/** Runs the shared vectors over each build, whose answers must equal the core's bit for bit. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { describe, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { engines } from './engines.ts';
import { runCase, type Vector } from './vector.ts';

const folder = new URL('../vectors/', import.meta.url);
const notVectors = ['digests.json', 'vector.schema.json'];
const read = (file: string): unknown => JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
const vectors = new Map(
  readdirSync(folder)
    .filter((file) => file.endsWith('.json') && !notVectors.includes(file))
    .map((file) => [file.replace('.json', ''), read(file) as Vector]),
);
const digests = read('digests.json') as Record<string, string>;

test('every vector matches the schema', () => {
  const validate = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false }).compile(
    read('vector.schema.json') as object,
  );
  for (const [name, vector] of vectors) assert.ok(validate(vector), `${name}: ${JSON.stringify(validate.errors)}`);
});

for (const [engineName, engine] of engines) {
  describe(`vectors over ${engineName}`, () => {
    for (const [name, vector] of vectors) {
      for (const vectorCase of vector.cases) {
        test(`${name}: ${vectorCase.name}`, () => {
          assert.equal(runCase(engine, vectorCase), digests[`${name}: ${vectorCase.name}`]);
        });
      }
    }

    test('no breaker is left behind', () => assert.equal(engine.breakerCount(), 0));
  });
}

test('every case that the core ran was run here', () => {
  const names = [...vectors].flatMap(([name, vector]) =>
    vector.cases.map((vectorCase) => `${name}: ${vectorCase.name}`),
  );
  assert.deepEqual(names.sort(), Object.keys(digests).sort());
});
