import type { Pipeline } from 'fusewire';

/** Actions of a policy, by the names of their events. */
export const POLICY_ACTIONS = ['retry', 'hedge', 'timeout', 'enqueue', 'reject', 'fallback'] as const;

export type PolicyAction = (typeof POLICY_ACTIONS)[number];

/** Number of times that a policy of a pipeline did something. */
export interface PolicyCount {
  readonly action: PolicyAction;
  readonly pipeline: string;
  readonly policy: string;
  /** Strategy of a fallback that had the answer; empty for other actions. */
  readonly strategy: string;
  count: number;
}

/** Counts the events of the policies in one pipeline. */
export class PolicyTally {
  readonly #pipeline: string;
  readonly #counts = new Map<string, PolicyCount>();
  readonly #listeners: readonly (() => void)[];

  constructor(pipeline: Pipeline<unknown, boolean>) {
    this.#pipeline = pipeline.name;
    this.#listeners = POLICY_ACTIONS.map((action) =>
      pipeline.on(action, (event) => {
        // Breakers have the events `reject` and `timeout` too, and counters of their own.
        if ('policy' in event) this.#add(action, event.policy, 'strategy' in event ? event.strategy : '');
      }),
    );
  }

  read(): Iterable<PolicyCount> {
    return this.#counts.values();
  }

  end(): void {
    for (const remove of this.#listeners) remove();
  }

  #add(action: PolicyAction, policy: string, strategy: string): void {
    add(this.#counts, { action, pipeline: this.#pipeline, policy, strategy, count: 1 });
  }
}

/** Returns the sums of the counts with the same labels. Pipelines and policies may share a name. */
export function sumOf(counts: Iterable<PolicyCount>): PolicyCount[] {
  const sums = new Map<string, PolicyCount>();
  for (const count of counts) add(sums, count);
  return [...sums.values()];
}

function add(counts: Map<string, PolicyCount>, { count, ...labels }: PolicyCount): void {
  const key = JSON.stringify(Object.values(labels));
  const known = counts.get(key);
  if (known === undefined) counts.set(key, { ...labels, count });
  else known.count += count;
}
