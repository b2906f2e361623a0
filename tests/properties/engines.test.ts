/** Compares both builds of the engine with the reference model, over generated programs and the corpus. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { engines } from '../conformance/engines.ts';
import type { Program } from './cases.ts';
import { compare } from './compare.ts';
import { keep, readCorpus } from './corpus.ts';
import { Model } from './model.ts';
import { programs } from './programs.ts';
import { seedOf } from './seed.ts';

const PROGRAMS_AT_A_TIME = 500;
const wanted = Number(process.env['FUSEWIRE_OPERATIONS'] ?? 1_000_000);

let model: Model;
before(async () => {
  model = await Model.start();
});
after(() => model.stop());

test('the engines and the model agree on generated programs', async (context) => {
  let made = 0;
  const agree = async (program: Program) => {
    made += compare(await model.expect(program), model.names);
  };
  for (let batch = 0; made < wanted; batch += 1) {
    const seed = seedOf(batch);
    const checked = await fc.check(fc.asyncProperty(programs, agree), { numRuns: PROGRAMS_AT_A_TIME, seed });
    const [program] = checked.counterexample ?? [];
    if (program === undefined) continue;
    const why = String((checked.errorInstance as Error).message);
    const file = keep((await model.expect(program)).case, why);
    assert.fail(`${why}\nkept as ${file}`);
  }
  context.diagnostic(`${made} operations over each of ${[...engines.keys()].join(' and ')}: all agree`);
  assert.ok(made >= wanted);
});

test('the engines and the model agree on the corpus', async () => {
  const corpus = readCorpus();
  assert.ok(corpus.size >= 10, `only ${corpus.size} cases found`);
  for (const [file, known] of corpus) {
    const expected = await model.expect(known);
    assert.doesNotThrow(() => compare(expected, model.names), file);
  }
});

test('every case of the corpus matches the schema of the vectors', () => {
  const schema = JSON.parse(readFileSync(new URL('../vectors/vector.schema.json', import.meta.url), 'utf8')) as object;
  const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false });
  const validate = ajv.addSchema(schema, 'vector').compile({ $ref: 'vector#/$defs/case' });
  for (const [file, known] of readCorpus()) assert.ok(validate(known), `${file}: ${JSON.stringify(validate.errors)}`);
});

test('no breaker is left behind', () => {
  for (const [name, engine] of engines) assert.equal(engine.breakerCount(), 0, name);
});
