import type { ConsumerStats } from './consumer-options.ts';
import type { Durability, QueueSize, StoreAction, StoreCheck } from './queue-store.ts';

/** Last error of the store. The error itself is not part of it, because it may name hosts and users. */
export interface QueueFault {
  /** Step that has failed. */
  readonly action: StoreAction | 'enqueue';
  /** Code of the error, such as `'ECONNREFUSED'`; null if it has none. */
  readonly code: string | null;
  /** Milliseconds since the error. */
  readonly age: number;
}

/** State of a queue, for a health check. It contains no payloads, keys and texts of errors. */
export interface QueueHealth {
  /** `'error'` if the store does not answer; `'degraded'` if there are problems; otherwise `'ok'`. */
  readonly status: 'ok' | 'degraded' | 'error';
  /** Failures that a message survives once `enqueue` has resolved. */
  readonly durability: Durability;
  /** Sentences, each about one problem. */
  readonly problems: readonly string[];
  /** Sentences about settings that the store does not tell. */
  readonly unknown: readonly string[];
  /** Number of messages of all topics; null if the store does not answer. */
  readonly size: QueueSize | null;
  /** Milliseconds since the oldest message that waits or runs was enqueued; null if there is none. */
  readonly oldestAge: number | null;
  /** Stats of the consumers of this process. */
  readonly consumers: readonly ConsumerStats[];
  /** Last error of the store in this process; null if there was none. */
  readonly lastFault: QueueFault | null;
}

/** Age in milliseconds up to which an error of the store is a problem. */
const RECENT = 60_000;

/** Check of a store that has none. */
export const UNCHECKED: StoreCheck = {
  durability: 'unknown',
  problems: [],
  unknown: ['The store does not tell what its messages survive.'],
};

/** Parts of {@link QueueHealth}. `size` and `check` are undefined if the store has not answered. */
interface Findings {
  readonly size: QueueSize | undefined;
  readonly check: StoreCheck | undefined;
  readonly consumers: readonly ConsumerStats[];
  /** Topics whose consumers pause, because every operation fails. */
  readonly outages: readonly string[];
  readonly lastFault: QueueFault | null;
}

/** Returns the state of a queue. */
export function healthOf({ size, check, consumers, outages, lastFault }: Findings): QueueHealth {
  const isAway = size === undefined || check === undefined;
  const problems = [...(check?.problems ?? [])];
  if (isAway) problems.push('The store does not answer.');
  for (const topic of outages) problems.push(`The consumer of topic ${topic} pauses, because every operation fails.`);
  if (lastFault !== null && lastFault.age <= RECENT) {
    const code = lastFault.code === null ? '' : ` (${lastFault.code})`;
    problems.push(
      `The store failed ${Math.round(lastFault.age / 1_000)} s ago at the step ${lastFault.action}${code}.`,
    );
  }
  return {
    status: isAway ? 'error' : problems.length > 0 ? 'degraded' : 'ok',
    durability: check?.durability ?? 'unknown',
    problems,
    unknown: check?.unknown ?? [],
    size: size ?? null,
    oldestAge: size?.oldestAge ?? null,
    consumers,
    lastFault,
  };
}

/** Returns the code of an error, if it is one word. */
export function codeOf(error: unknown): string | null {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' && /^\w{1,40}$/.test(code) ? code : null;
}
