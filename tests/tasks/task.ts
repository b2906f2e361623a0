import type { TestContext } from 'node:test';

/** One everyday task, which each library solves in a file of its own. */
export interface Task<Solution> {
  /** Completes the sentence *How do I …*, as the page of the docs asks it. */
  readonly title: string;
  /** Most lines that the solution may have beside its imports and the call itself. */
  readonly ideal: number;
  /** Throws unless the solution does the task. `file` is the address of its module. */
  check(t: TestContext, solution: Solution, file: string): Promise<void>;
}
