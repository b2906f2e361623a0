import * as nodeTest from 'node:test';
import type { TestRunner } from './queue/driver.ts';
import type { ServerAdapter } from './server/adapter.ts';
import { leaksNothing } from './server/leaks.ts';
import { mountsManagement } from './server/management.ts';
import { servesRefusals } from './server/refusals.ts';
import { shutsDown } from './server/shutdown.ts';

export { contractProgram } from './server/program.ts';

export type { TestRunner } from './queue/driver.ts';
export type { RunningServer, ServerAdapter } from './server/adapter.ts';
export type { ContractProgram, ContractReport } from './server/program.ts';

/**
 * Declares the tests that every package for a framework must pass, those of this project included: responses to rejected calls,
 * the signal of a request, the management API, shutdown, and what is left after many requests.
 *
 * The adapter serves the program that `contractProgram()` returns, in this process or in another one.
 *
 * @param runner functions of the test runner. Default: those of node:test.
 */
export function serverContract(adapter: ServerAdapter, runner: TestRunner = nodeTest): void {
  servesRefusals(adapter, runner);
  mountsManagement(adapter, runner);
  shutsDown(adapter, runner);
  leaksNothing(adapter, runner);
}
