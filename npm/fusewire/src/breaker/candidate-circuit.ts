import { backendOf } from '../engine/backend.ts';
import { OVERRIDE } from '../engine/codes.ts';
import type { Circuit } from './circuit.ts';
import { EngineCircuit } from './engine-circuit.ts';

/**
 * Circuit that observes the outcomes of another one under different options. It starts with the state and the window of that
 * circuit, in shadow mode, and emits its transitions to the listeners of that circuit.
 */
export class CandidateCircuit extends EngineCircuit {
  /** Settles a call of the observed circuit, as if it had been admitted here. */
  observe(outcome: number, now: number, duration: number, openFor: number): void {
    if (this.isDisposed) return;
    const permit = this.admit(now);
    if (permit >= 0) this.settleInEngine(permit, outcome, now, duration, openFor);
  }
}

/** Creates a candidate with these options of the engine; undefined if the engine of the circuit has failed. */
export function createCandidate(circuit: Circuit, options: object): CandidateCircuit | undefined {
  // Not the backend of the circuit, which may adapt that circuit alone.
  const backend = backendOf(circuit.backend.kind);
  const handle = circuit.read((present, known, now) => {
    const created = backend.restore(options, present.snapshot(known, now), now);
    if (typeof created === 'number') backend.setOverride(created, OVERRIDE.SHADOW, now);
    return created;
  });
  if (typeof handle !== 'number') return undefined;
  const { name, hooks } = circuit;
  const candidate = new CandidateCircuit({ name, hooks, shared: false }, circuit.time, backend, handle);
  candidate.listeners = circuit.ensureListeners();
  return candidate;
}
