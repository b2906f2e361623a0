import { defaultClock } from '../time/clock.ts';
import { toPlainData } from '../breaker/settings.ts';
import { freePolicyWhenCollected, policyEngine } from '../engine/policy-engine-loader.ts';
import type { PolicyEngine } from '../engine/policy-engine-loader.ts';
import type { OptionsReader } from '../options/options-reader.ts';

/** The engine's part of a policy: it decides, the policy runs the promises. It is freed once it has been collected. */
export class Part {
  readonly engine: PolicyEngine;
  readonly handle: number;

  constructor(engine: PolicyEngine, handle: number) {
    this.engine = engine;
    this.handle = handle;
    if (handle !== NO_POLICY) freePolicyWhenCollected(this, handle);
  }

  /** Reads what is counted into a row. */
  read(row: Float64Array): void {
    row.fill(Number.NaN);
    this.engine.policyStats(this.handle, defaultClock(), row);
  }
}

/** No policy of the engine. */
const NO_POLICY = 0;

/**
 * Has the engine make its part of a policy. What is wrong with the options goes to the reader, whose `finish` then throws.
 *
 * @param options those that nothing else has read, or what was given as the option `path`.
 */
export function partOf(reader: OptionsReader, kind: number, options: object = reader.rest(), path?: string): Part {
  const engine = policyEngine();
  const made = engine.createPolicy(kind, toPlainData(options) as object, defaultClock());
  if (typeof made === 'number') return new Part(engine, made);
  const at = path === undefined ? '' : `${path}.`;
  reader.add(made.map((problem) => ({ ...problem, option: at + problem.option })));
  return new Part(engine, NO_POLICY);
}

/** Where a row of random numbers starts: the same in every process, it would have all of them act at the same moment. */
export function randomSeed(): number {
  return Math.floor(Math.random() * Number.MAX_SAFE_INTEGER);
}
