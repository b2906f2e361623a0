/** Runs the vectors of the policies over each build of their engine. The format is described in tests/vectors/policies/README.md. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { describe, test } from 'node:test';
import { POLICY } from '../../npm/fusewire/src/engine/codes.ts';
import type { PolicyEngine } from '../../npm/fusewire/src/engine/policy-engine.ts';
import { engines } from './engines.ts';

interface Step {
  readonly call: Exclude<keyof PolicyEngine, 'createPolicy' | 'policyStats'>;
  readonly arguments: readonly number[];
  readonly expect?: number | '$Infinity';
  readonly times?: number;
}

interface Vector {
  readonly kind: keyof typeof POLICY;
  readonly behaviour: string;
  readonly cases: readonly {
    readonly name: string;
    readonly options: object;
    readonly problems?: readonly string[];
    readonly steps?: readonly Step[];
  }[];
}

type Counting = PolicyEngine & { policyCount(): number };

const root = new URL('../../', import.meta.url);
const glue = await import(new URL('bindings/wasm/pkg/policies/fusewire_policies.js', root).href);
glue.initSync({ module: readFileSync(new URL('npm/fusewire/dist/platforms/policies.wasm', root)) });
const builds: Readonly<Record<string, Counting>> = {
  wasm: glue,
  native: engines.get('native') as unknown as Counting,
};

const folder = new URL('../vectors/policies/', import.meta.url);
const files = readdirSync(folder).filter((file) => file.endsWith('.json'));

for (const [build, engine] of Object.entries(builds)) {
  describe(`policies over ${build}`, () => {
    for (const file of files) {
      const { kind, behaviour, cases } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Vector;
      describe(behaviour, () => {
        for (const { name, options, problems, steps = [] } of cases) {
          test(name, () => {
            const made = engine.createPolicy(POLICY[kind], options, 0);
            if (typeof made !== 'number') {
              const found = made.map((problem) => `${problem.option} ${problem.kind}`);
              return assert.deepEqual(found, problems ?? []);
            }
            assert.equal(problems, undefined, 'the options are taken');
            for (const [index, step] of steps.entries()) run(engine, made, step, index + 1);
            engine.freePolicy(made);
          });
        }
      });
    }
    test('no policy is left behind', () => assert.equal(engine.policyCount(), 0));
  });
}

function run(engine: PolicyEngine, handle: number, step: Step, number: number): void {
  const call = engine[step.call] as (handle: number, ...given: readonly number[]) => number | undefined;
  for (let time = 0; time < (step.times ?? 1); time++) {
    const answer = call(handle, ...step.arguments);
    if (step.expect !== undefined) assert.equal(answer, Number(String(step.expect).replace('$', '')), `step ${number}`);
  }
}
