import type { TimeSource } from '../time/time-source.ts';
import { toPlainData } from '../options/plain-data.ts';
import { freePolicyWhenCollected, policyEngine } from '../engine/policy-engine-loader.ts';
import type { PolicyEngine } from '../engine/policy-engine-loader.ts';
import type { OptionsReader } from '../options/options-reader.ts';
import { loadEngineFor } from '../errors/engine-load-error.ts';
import { engineOptions } from './engine-options.ts';

/**
 * Handle of a policy in the engine. The engine decides; the policy runs the promises. The engine frees its state after the
 * handle has been garbage-collected.
 */
export class PolicyHandle {
  readonly engine: PolicyEngine;
  /** Number by which the functions of the engine find the policy. */
  readonly id: number;
  readonly time: TimeSource;

  constructor(engine: PolicyEngine, id: number, time: TimeSource) {
    this.engine = engine;
    this.id = id;
    this.time = time;
    if (id !== NO_POLICY) freePolicyWhenCollected(this, id);
  }

  /** Returns the present time of the policy's clock. */
  now(): number {
    return this.time.clock();
  }

  /** Writes the current stats of the engine into a row. Values that the engine does not write become NaN. */
  readStats(row: Float64Array): void {
    row.fill(Number.NaN);
    this.engine.policyStats(this.id, this.now(), row);
  }
}

/** Id of a policy that the engine did not create because its options are invalid. */
const NO_POLICY = 0;

/**
 * Creates a policy in the engine. The engine checks the options. Their problems go to the reader, whose `finish` throws.
 *
 * @param kind one of the constants in `POLICY`.
 * @param options options for the engine. Default: those that nothing else has read.
 * @param path option that contains them. Default: none, they are the options of the policy itself.
 */
export function createPolicyHandle(reader: OptionsReader, kind: number, options?: object, path?: string): PolicyHandle {
  const engine = loadEngineFor(() => reader.name(), policyEngine);
  const time = reader.time();
  const created = engine.createPolicy(kind, toPlainData(options ?? reader.rest()) as object, time.clock());
  if (typeof created === 'number') return new PolicyHandle(engine, created, time);
  const prefix = path === undefined ? '' : `${path}.`;
  reader.suggest((engineOptions()[kind] ?? []).map((option) => prefix + option));
  reader.add(created.map((problem) => ({ ...problem, option: prefix + problem.option })));
  return new PolicyHandle(engine, NO_POLICY, time);
}
