import type { NewMessage } from 'fusewire/kit';
import { ReferenceQueue } from './reference.ts';

export const LEASE = 10;
export const DELAY = 5;
/** Milliseconds that pass in one step: a delay is over after one, and a lease after two. */
export const STEP = 5;
/** Milliseconds by which the clock is set back: more than a lease and a delay. */
export const SET_BACK = 40;

/** Lease that a worker holds, or believes to hold. */
export interface Held {
  readonly id: number;
  readonly token: string;
}

/** Operation of a program. */
export type Operation =
  | { readonly kind: 'enqueue'; readonly message: NewMessage }
  | { readonly kind: 'claim'; readonly worker: number; readonly count: number }
  | { readonly kind: 'extend' | 'complete' | 'bury'; readonly worker: number; readonly held: Held }
  | {
      readonly kind: 'putBack';
      readonly worker: number;
      readonly held: Held;
      readonly after: number;
      readonly error: string | null;
    }
  | { readonly kind: 'revive' | 'discard'; readonly id: number }
  | { readonly kind: 'crash'; readonly worker: number }
  | { readonly kind: 'pass' }
  | { readonly kind: 'set back' };

/** Size of the programs. */
export interface Scope {
  readonly keys: readonly string[];
  readonly workers: number;
  /** Most leases that a worker holds. */
  readonly concurrency: number;
  /** Whether the clock may be set back, once in a program. */
  readonly setsBack: boolean;
}

/** State of a program: the reference queue, and the leases of each worker. */
export interface State {
  readonly queue: ReferenceQueue;
  readonly workers: readonly (readonly Held[])[];
  readonly lastToken: number;
  readonly wasSetBack: boolean;
}

/** Kinds of messages. The payload names the kind, so that a wrong one is seen. */
const MESSAGES = [
  { payload: '"now"', delay: 0, priority: 2, revives: true },
  { payload: '"later"', delay: DELAY, priority: 3, revives: true },
  { payload: '"kept"', delay: 0, priority: 2, revives: false },
] as const;

/** Returns every operation that is possible in a state. */
export function operationsIn({ queue, workers, wasSetBack }: State, scope: Scope): Operation[] {
  const operations: Operation[] = [{ kind: 'pass' }];
  if (scope.setsBack && !wasSetBack) operations.push({ kind: 'set back' });
  for (const key of scope.keys) {
    const existing = queue.messages.find((message) => message.key === key);
    for (const message of MESSAGES) {
      // The kinds differ only where they are stored, or revive.
      if (existing !== undefined && !existing.isDead && message !== MESSAGES[0]) continue;
      if (existing === undefined && !message.revives) continue;
      operations.push({ kind: 'enqueue', message: { topic: 'default', key, group: null, ...message } });
    }
  }
  for (const [worker, leases] of workers.entries()) {
    for (let count = 1; count <= scope.concurrency - leases.length; count++) {
      operations.push({ kind: 'claim', worker, count });
    }
    if (leases.length > 0) operations.push({ kind: 'crash', worker });
    for (const held of leases) {
      for (const kind of ['extend', 'complete', 'bury'] as const) operations.push({ kind, worker, held });
      operations.push(
        { kind: 'putBack', worker, held, after: 0, error: 'down' },
        { kind: 'putBack', worker, held, after: DELAY, error: 'down' },
        { kind: 'putBack', worker, held, after: 0, error: null },
      );
    }
  }
  for (const { id } of queue.dead()) operations.push({ kind: 'revive', id }, { kind: 'discard', id });
  return operations;
}

/**
 * Returns the state after an operation, and what the operation must return.
 *
 * @param actual result of the store. It chooses the id of a new message.
 */
export function apply(state: State, operation: Operation, actual: unknown): { state: State; result: unknown } {
  const queue = state.queue.clone();
  const next = { ...state, queue };
  const withLeases = (worker: number, leases: readonly Held[]) => ({
    ...next,
    workers: state.workers.map((each, index) => (index === worker ? leases : each)),
  });
  switch (operation.kind) {
    case 'enqueue':
      return {
        state: next,
        result: queue.insert(operation.message, (actual as Partial<{ id: number }> | undefined)?.id),
      };
    case 'claim': {
      const { worker, count } = operation;
      const token = tokenOf(state.lastToken + 1);
      const claimed = queue.claim(count, token, LEASE);
      const held = [...(state.workers[worker] as Held[]), ...claimed.map(({ id }) => ({ id, token }))];
      const lastToken = state.lastToken + 1;
      return {
        state: { ...withLeases(worker, held), lastToken },
        result: claimed.map((message) => queue.stored(message)),
      };
    }
    case 'extend':
    case 'complete':
    case 'bury':
    case 'putBack': {
      const { worker, held } = operation;
      const result = settle(queue, operation);
      // A worker keeps a lease that it has extended, and forgets one that is settled or lost.
      if (operation.kind === 'extend' && result) return { state: next, result };
      return {
        state: withLeases(
          worker,
          (state.workers[worker] as Held[]).filter((each) => each !== held),
        ),
        result,
      };
    }
    case 'revive':
      return { state: next, result: queue.revive(operation.id) };
    case 'discard':
      return { state: next, result: queue.discard(operation.id) };
    case 'crash':
      return { state: withLeases(operation.worker, []), result: undefined };
    case 'pass':
      queue.now += STEP;
      return { state: next, result: undefined };
    case 'set back':
      return { state: { ...next, wasSetBack: true }, result: undefined };
  }
}

/** Returns the token of a claim, counted from 1. */
export function tokenOf(claim: number): string {
  return `token ${claim}`;
}

function settle(queue: ReferenceQueue, operation: Extract<Operation, { held: Held }>): boolean {
  const { id, token } = operation.held;
  switch (operation.kind) {
    case 'extend':
      return queue.extend(id, token, LEASE);
    case 'complete':
      return queue.complete(id, token);
    case 'bury':
      return queue.bury(id, token, 'gone');
    case 'putBack':
      return queue.putBack(id, token, operation);
  }
}

/** Returns a text that two states share if nothing but the ages of their messages can tell them apart. */
export function keyOf({ queue, workers, wasSetBack }: State): string {
  const ids = new Map(queue.messages.map(({ id }, index) => [id, index]));
  const places = queue.messages.map(({ place }) => place).toSorted((one, other) => one - other);
  const messages = queue.messages.map((message) => {
    const { key, payload, priority, attempts, abandoned, lastError, isDead, token, availableAt, burial, place } =
      message;
    const holder = token === null ? '' : workers.findIndex((leases) => leases.some((held) => held.token === token));
    const wait = isDead ? 0 : Math.max(0, availableAt - queue.now);
    const early = isDead ? queue.dead().findIndex((each) => each.burial === burial) : 0;
    const order = places.indexOf(place);
    return [key, payload, priority, attempts, abandoned, lastError, isDead, holder, wait, early, order];
  });
  const held = workers.map((leases) =>
    leases.map(({ id, token }) => {
      const index = ids.get(id);
      const isCurrent = queue.messages.some((message) => message.id === id && message.token === token);
      return [index ?? 'gone', isCurrent];
    }),
  );
  return JSON.stringify([messages, held, wasSetBack]);
}

/** Returns an operation in words. */
export function describe(operation: Operation): string {
  switch (operation.kind) {
    case 'enqueue':
      return `enqueue ${operation.message.key} ${operation.message.payload}`;
    case 'claim':
      return `worker ${operation.worker} claims ${operation.count}`;
    case 'putBack': {
      const { worker, held, after, error } = operation;
      return `worker ${worker} puts ${held.id} back${error === null ? ' unattempted' : ''}, for ${after} ms`;
    }
    case 'extend':
    case 'complete':
    case 'bury':
      return `worker ${operation.worker}: ${operation.kind} ${operation.held.id}`;
    case 'revive':
    case 'discard':
      return `${operation.kind} ${operation.id}`;
    case 'crash':
      return `worker ${operation.worker} crashes`;
    case 'pass':
      return `${STEP} ms pass`;
    case 'set back':
      return `the clock is set back by ${SET_BACK} ms`;
  }
}
