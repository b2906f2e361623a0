/** What every runtime runs: checks of the package as users call it, and the shared vectors over the engine below. */
import type * as Fusewire from 'fusewire';
import type { Engine } from '../../conformance/engines.ts';
import { checks } from './checks.ts';
import { runtimeName } from './runtime.ts';
import { runVectors } from './vectors.ts';

/** A build of the package, as this runtime loaded it. */
export interface Subject {
  readonly fusewire: typeof Fusewire;
  readonly backend: Fusewire.BackendKind;
  /** The engine of that backend, as the package ships it. */
  readonly engine: Engine;
  /** Whether the native addon is installed. */
  readonly hasAddon: boolean;
}

/** What came of it. */
export interface Report {
  readonly runtime: string;
  readonly backend: string;
  readonly checks: number;
  readonly vectors: number;
  /** Everything that did not hold, by name. */
  readonly failures: readonly string[];
}

export async function runSuite(subject: Subject): Promise<Report> {
  const failures: string[] = [];
  const attempt = async (name: string, run: () => unknown): Promise<boolean> => {
    try {
      await run();
      return true;
    } catch (error) {
      failures.push(`${name}: ${String(error)}`);
      return false;
    }
  };
  let passed = 0;
  for (const [name, check] of Object.entries(checks)) {
    if (await attempt(name, () => check(subject))) passed++;
  }
  let held = 0;
  for (const [name, run] of runVectors(subject.engine)) {
    if (await attempt(name, run)) held++;
  }
  const { backend } = new subject.fusewire.CircuitBreaker({ backend: subject.backend });
  return { runtime: runtimeName(), backend, checks: passed, vectors: held, failures };
}
