import * as nodeTest from 'node:test';
import { behavesAsQueue } from './queue/behaviour.ts';
import type { QueueDriver, TestRunner } from './queue/driver.ts';
import { leasesMessages } from './queue/leases.ts';
import { managesMessages } from './queue/management.ts';

export type { QueueDriver, TestRunner } from './queue/driver.ts';

/**
 * Declares the tests that every queue must pass, those of this project included: delivery, keys, topics, retries, dead letters,
 * batches, limits, groups, health, and the leases of the store. A driver that passes can be used wherever a queue is accepted.
 *
 * @param runner functions of the test runner. Default: those of node:test.
 */
export function queueContract(driver: QueueDriver, runner: TestRunner = nodeTest): void {
  if (driver.openStore !== undefined) leasesMessages(driver.name, (name) => driver.openStore?.(name) as never, runner);
  managesMessages(driver, runner);
  behavesAsQueue(driver, runner);
}
