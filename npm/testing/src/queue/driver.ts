import type { LeaseStore } from 'fusewire/kit';
import type { Durability, Queue, QueueOptions } from 'fusewire/queue';

/** Driver of a queue, as the contract suite uses it. */
export interface QueueDriver {
  /** Name in the titles of the tests. */
  readonly name: string;
  /** Opens the queue of that name, with limits. Queues of one name share their messages if they are durable. */
  open(name: string, limits?: QueueOptions): Queue;
  /** Opens the store of a queue, to test its leases. Leave it out for an engine with a worker of its own. */
  openStore?(name: string): LeaseStore;
  /** Whether the messages of a queue outlive it, so that another one of the same name has them. */
  readonly durable: boolean;
  /** Whether messages can have a group. Default false. */
  readonly groups?: boolean;
  /** Durability that `health()` reports. Default: `'power loss'` if the driver is durable, and otherwise `'nothing'`. */
  readonly durability?: Durability;
  /** Calls with invalid options, each with the name of the option that the error must name. Default: none. */
  readonly invalidOptions?: readonly (readonly [option: string, create: () => unknown])[];
  /** Prepares the tests. */
  start?(): Promise<void>;
  /** Cleans up after the tests. Their queues are closed. */
  stop?(): Promise<void>;
}

/** Functions of a test runner. With vitest: `{ describe, it, before: beforeAll, after: afterAll }`. */
export interface TestRunner {
  describe(name: string, declare: () => void): unknown;
  it(name: string, test: () => void | Promise<void>): unknown;
  before(prepare: () => unknown): unknown;
  after(cleanUp: () => unknown): unknown;
}
