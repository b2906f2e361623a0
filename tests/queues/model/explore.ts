import { isDeepStrictEqual } from 'node:util';
import type { InsertedMessage, LeaseStore, QueueSize, StoredMessage } from 'fusewire/kit';
import { Ledger } from './ledger.ts';
import { apply, describe, keyOf, LEASE, operationsIn, SET_BACK, STEP, tokenOf } from './operations.ts';
import type { Held, Operation, Scope, State } from './operations.ts';
import { ReferenceQueue } from './reference.ts';
import type { Instance, Subject } from './subjects.ts';
import { START, time } from './time.ts';

/** Operations after which a store did not do as the reference model, or broke a promise. */
export interface Violation {
  readonly faults: readonly string[];
  readonly operations: readonly string[];
}

export interface Exploration {
  readonly states: number;
  readonly transitions: number;
  readonly pairs: number;
  readonly violation: Violation | undefined;
}

/** State of a program, with the state of the store. */
interface Node {
  readonly state: State;
  readonly ledger: Ledger;
  readonly operations: readonly Operation[];
  /** Every lease so far. */
  readonly leases: readonly Held[];
  readonly monotonic: number;
  readonly saved: unknown;
}

const ALL = 1_000;
/** Steps after which no lease or delay is left. */
const STEPS = LEASE / STEP;
/** Milliseconds of a lease that is never over. */
const FOREVER = 1_000_000;

/** Explores the programs of a store: every order of operations in which a state is reached for the first time. */
export class Explorer {
  readonly #create: () => Instance;
  readonly #scope: Scope;
  readonly #root: State;
  #instance: Instance;
  #transitions = 0;
  #pairs = 0;

  constructor({ choices, scope }: Subject, create: () => Instance) {
    this.#create = create;
    this.#scope = scope;
    const workers = Array.from({ length: scope.workers }, () => []);
    this.#root = { queue: new ReferenceQueue(choices, START), workers, lastToken: 0, wasSetBack: false };
    this.#instance = create();
  }

  /** Explores every program of `depth` operations, and two operations at once after `pairDepth` operations. */
  async exploreAll(depth: number, pairDepth: number): Promise<Exploration> {
    let frontier: Node[] = [await this.#start()];
    const seen = new Set<string>([keyOf(this.#root)]);
    for (let length = 0; length < depth; length++) {
      const next: Node[] = [];
      for (const node of frontier) {
        const operations = operationsIn(node.state, this.#scope);
        for (const operation of operations) {
          const { node: reached, faults } = await this.#step(node, operation);
          const key = keyOf(reached.state);
          if (faults.length === 0) faults.push(...(await this.#probe(reached)));
          if (faults.length > 0)
            return this.#result(seen.size, { faults, operations: reached.operations.map(describe) });
          if (seen.has(key)) continue;
          seen.add(key);
          if (length + 1 < depth) next.push(reached);
        }
        const violation = length < pairDepth ? await this.#explorePairs(node, operations) : undefined;
        if (violation !== undefined) return this.#result(seen.size, violation);
      }
      frontier = next;
    }
    return this.#result(seen.size, undefined);
  }

  /** Plays random programs of `depth` operations. */
  async exploreRandomly(programs: number, depth: number, choose: (choices: number) => number): Promise<Exploration> {
    for (let program = 0; program < programs; program++) {
      let node = await this.#start();
      for (let length = 0; length < depth; length++) {
        const operations = operationsIn(node.state, this.#scope);
        const { node: reached, faults } = await this.#step(
          node,
          operations[choose(operations.length)] as Operation,
          true,
        );
        if (length + 1 === depth && faults.length === 0) faults.push(...(await this.#probe(reached)));
        if (faults.length > 0) return this.#result(program, { faults, operations: reached.operations.map(describe) });
        node = reached;
      }
    }
    return this.#result(programs, undefined);
  }

  #result(states: number, violation: Violation | undefined): Exploration {
    return { states, transitions: this.#transitions, pairs: this.#pairs, violation };
  }

  async #start(): Promise<Node> {
    this.#instance = this.#create();
    const saved = this.#instance.save?.();
    return { state: this.#root, ledger: new Ledger(), operations: [], leases: [], monotonic: 0, saved };
  }

  /** Brings the store into the state of a node. */
  async #reach({ operations, monotonic, saved, state }: Node): Promise<void> {
    if (this.#instance.load !== undefined) this.#instance.load(saved);
    else {
      this.#instance = this.#create();
      Object.assign(time, { monotonic: 0, wall: START });
      let claims = 0;
      for (const operation of operations) {
        if (operation.kind === 'claim') claims++;
        await perform(this.#instance.store, operation, tokenOf(claims));
      }
    }
    Object.assign(time, { monotonic, wall: START + monotonic - (state.wasSetBack ? SET_BACK : 0) });
  }

  /** Does an operation after those of a node, and compares the store with the model. */
  async #step(node: Node, operation: Operation, isThere = false): Promise<{ node: Node; faults: string[] }> {
    this.#transitions++;
    if (!isThere || node.operations.length === 0) await this.#reach(node);
    const { store } = this.#instance;
    const ledger = node.ledger.clone();
    const result = await perform(store, operation, tokenOf(node.state.lastToken + 1));
    const { state, result: expected } = apply(node.state, operation, result);
    const faults = [
      ...differences(describe(operation), result, expected),
      ...record(ledger, operation, result),
      ...(await observe(store, state.queue)),
    ];
    const operations = [...node.operations, operation];
    const leases = [...new Set([...node.leases, ...state.workers.flat()])];
    const saved = this.#instance.save?.();
    return { node: { state, ledger, operations, leases, monotonic: time.monotonic, saved }, faults };
  }

  /**
   * Checks what a state holds: no earlier lease is valid, and every message can be claimed when its lease or delay is over, and
   * not before. Two states that the model takes for equal are thereby equal in the store.
   */
  async #probe({ state, ledger, leases }: Node): Promise<string[]> {
    const { store } = this.#instance;
    const queue = state.queue.clone();
    const faults: string[] = [];
    for (const { id, token } of leases) {
      if (queue.messages.some((message) => message.id === id && message.token === token)) continue;
      const isHeld = (await store.extend(String(id), token, LEASE)) || (await store.complete(String(id), token));
      if (isHeld) faults.push(`an earlier lease of ${id} is valid`);
    }
    const present: string[] = [];
    const claims = ledger.clone();
    for (let step = 0; step <= STEPS; step++) {
      const expected = queue.claim(ALL, 'last token', FOREVER).map((message) => queue.stored(message));
      const claimed = await store.claim('default', ALL, 'last token', FOREVER);
      faults.push(...differences(`the messages after ${step * STEP} ms`, claimed.map(withNumber), expected));
      faults.push(...claims.claimed(claimed));
      present.push(...claimed.map(({ id }) => id));
      time.monotonic += STEP;
      time.wall += STEP;
      queue.now += STEP;
    }
    const dead = await deadIn(store);
    faults.push(...ledger.compare([...present, ...dead.map(({ id }) => id)]));
    return faults;
  }

  /** Does every two operations at once. The results must be those of one order or the other. */
  async #explorePairs(node: Node, operations: readonly Operation[]): Promise<Violation | undefined> {
    const parts = operations.filter(({ kind }) => !['pass', 'set back', 'crash'].includes(kind));
    for (const one of parts) {
      for (const other of parts) {
        this.#pairs++;
        await this.#reach(node);
        const { store } = this.#instance;
        const token = tokenOf(node.state.lastToken + 1);
        const results = await Promise.all([perform(store, one, token), perform(store, other, `${token} of the other`)]);
        const orders = [await this.#compareOrder(node, [one, other], results)];
        if (orders[0]?.length !== 0) {
          orders.push(await this.#compareOrder(node, [other, one], results.toReversed()));
          if (orders[1]?.length !== 0) {
            const both = `at once: ${describe(one)}, ${describe(other)}`;
            return { faults: orders.flat(), operations: [...node.operations.map(describe), both] };
          }
        }
      }
    }
    return undefined;
  }

  async #compareOrder(node: Node, operations: readonly Operation[], results: readonly unknown[]): Promise<string[]> {
    let { state } = node;
    const faults: string[] = [];
    for (const [index, operation] of operations.entries()) {
      const applied = apply(state, operation, results[index]);
      faults.push(...differences(describe(operation), results[index], applied.result));
      ({ state } = applied);
    }
    return [...faults, ...(await observe(this.#instance.store, state.queue))];
  }
}

/** Does an operation with a store, and returns its result with the ids as numbers. */
async function perform(store: LeaseStore, operation: Operation, token: string): Promise<unknown> {
  switch (operation.kind) {
    case 'enqueue':
      return withNumber(((await store.insert([operation.message], { room: ALL })) ?? [])[0] as InsertedMessage);
    case 'claim':
      return (await store.claim('default', operation.count, token, LEASE)).map(withNumber);
    case 'extend':
      return store.extend(String(operation.held.id), operation.held.token, LEASE);
    case 'complete':
      return store.complete(String(operation.held.id), operation.held.token);
    case 'bury':
      return store.bury(String(operation.held.id), operation.held.token, 'gone');
    case 'putBack':
      return store.putBack(String(operation.held.id), operation.held.token, operation);
    case 'revive':
      return (await store.revive({ ids: [String(operation.id)] }, 1)) === 1;
    case 'discard':
      return (await store.discard({ ids: [String(operation.id)] }, 1)) === 1;
    case 'crash':
      return undefined;
    case 'pass':
      time.monotonic += STEP;
      time.wall += STEP;
      return undefined;
    case 'set back':
      time.wall -= SET_BACK;
      return undefined;
  }
}

async function deadIn(store: LeaseStore): Promise<StoredMessage[]> {
  const { letters } = await store.dead({}, { limit: ALL, after: undefined, newestFirst: false });
  return letters.map(({ deadFor: _, ...letter }) => letter);
}

function withNumber<T extends { readonly id: string; readonly topic?: string; readonly group?: unknown }>({
  topic: _,
  group: _group,
  ...message
}: T) {
  return { ...message, id: Number(message.id) };
}

/** Enters the result of an operation into the ledger, and returns the promises that the store has broken. */
function record(ledger: Ledger, operation: Operation, result: unknown): string[] {
  switch (operation.kind) {
    case 'enqueue': {
      const { id, status } = result as { id: number; status: string };
      return ledger.inserted(String(id), status);
    }
    case 'claim':
      return ledger.claimed((result as StoredMessage[]).map((message) => ({ ...message, id: String(message.id) })));
    case 'extend':
      if (result === true) ledger.extended(String(operation.held.id));
      return [];
    case 'complete':
      if (result === true) ledger.removed(String(operation.held.id));
      return [];
    case 'putBack':
    case 'bury':
      if (result === true) ledger.ended(String(operation.held.id));
      return [];
    case 'revive':
      if (result === true) ledger.revived(String(operation.id));
      return [];
    case 'discard':
      if (result === true) ledger.removed(String(operation.id));
      return [];
    default:
      return [];
  }
}

/** Compares what a store shows of its state with the model. */
async function observe(store: LeaseStore, queue: ReferenceQueue): Promise<string[]> {
  const size: QueueSize = await store.size('default');
  const dead = await deadIn(store);
  return [
    ...differences('size', size, queue.size()),
    ...differences(
      'the dead letters',
      dead.map(withNumber),
      queue.dead().map((message) => queue.stored(message)),
    ),
  ];
}

function differences(subject: string, actual: unknown, expected: unknown): string[] {
  if (isDeepStrictEqual(actual, expected)) return [];
  return [`${subject}: ${JSON.stringify(actual)}, and not ${JSON.stringify(expected)}`];
}
