/** The suite of every runtime: checks of the package as users call it, and the shared vectors over its engine. */
import type { Subject } from './check.ts';
import { checks } from './checks.ts';
import { runtimeName } from './runtime.ts';
import { runVectors } from './vectors.ts';

/** Results of a run of the suite. */
export interface Report {
  readonly runtime: string;
  readonly backend: string;
  readonly checks: number;
  readonly vectors: number;
  /** Name and error of each check and vector that failed. */
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
