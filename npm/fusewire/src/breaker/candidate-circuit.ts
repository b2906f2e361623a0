import { EngineCircuit } from './engine-circuit.ts';

/**
 * Circuit that observes the outcomes of another one under different options. It starts with the state and the window of that
 * circuit, in shadow mode. It emits its transitions to the listeners of that circuit.
 */
export class CandidateCircuit extends EngineCircuit {
  /** Settles a call of the observed circuit, as if it had been admitted here. */
  observe(outcome: number, now: number, duration: number, openFor: number): void {
    if (this.isDisposed) return;
    const permit = this.admit(now);
    if (permit >= 0) this.settleInEngine(permit, outcome, now, duration, openFor);
  }
}
