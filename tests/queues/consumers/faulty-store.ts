import type { LeaseStore } from 'fusewire/kit';
import type { Random } from '../../storm/random.ts';

/** Longest time by which a request or an answer is late, in milliseconds: longer than a lease. */
const LATEST = 1_500;

/** Failures of a call of a store: before it is done, after it, never, or late. */
const FAULTS = ['refused', 'answer lost', 'no answer', 'never done', 'late answer', 'late request'] as const;

/** Connection of one process to a store. */
export interface Connection {
  /** Whether the process runs. Without it, no answer comes any more. */
  isAlive: boolean;
  /** Share of the calls that fail. */
  faults: number;
}

/** Returns a store whose calls fail at random as long as its connection is faulty. */
export function faulty(store: LeaseStore, connection: Connection, random: Random): LeaseStore {
  const never = () => new Promise<never>(() => undefined);
  const later = () => new Promise<void>((resolve) => setTimeout(resolve, random.between(0, LATEST)));
  const call = async (work: () => Promise<unknown>): Promise<unknown> => {
    if (!connection.isAlive) return never();
    if (!random.chance(connection.faults)) return work();
    const fault = random.pick(FAULTS);
    if (fault === 'refused') throw new Error('connection refused');
    if (fault === 'never done') return never();
    if (fault === 'late request') await later();
    const answer = await work();
    if (fault === 'answer lost') throw new Error('connection cut');
    if (fault === 'no answer') return never();
    if (fault === 'late answer') await later();
    return answer;
  };
  return new Proxy(store, {
    get(target, name) {
      const method = Reflect.get(target, name) as unknown;
      if (typeof method !== 'function' || name === 'constructor') return method;
      return async (...args: unknown[]) => {
        const answer = await call(async () => Reflect.apply(method, target, args) as unknown);
        return connection.isAlive ? answer : never();
      };
    },
  });
}
