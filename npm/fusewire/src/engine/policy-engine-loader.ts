import { loadPolicyEngine } from '#platform';
import { reportFault } from '../logging.ts';
import type { PolicyEngine } from './policy-engine.ts';

export type { PolicyEngine } from './policy-engine.ts';

let loaded: PolicyEngine | undefined;
let collection: FinalizationRegistry<number> | undefined;

/**
 * The engine, loaded at its first use: WebAssembly, whichever backend breakers have. That one is chosen for each breaker, and a
 * policy is around several of them, or around none; what threads share is breakers alone. The addon has the same functions,
 * which the vectors hold against these.
 */
export function policyEngine(): PolicyEngine {
  return (loaded ??= failOpen(loadPolicyEngine()));
}

/** Frees the engine's part of a policy once `owner` has been collected. */
export function freePolicyWhenCollected(owner: object, handle: number): void {
  if (typeof FinalizationRegistry === 'undefined') return;
  collection ??= new FinalizationRegistry((lost) => loaded?.freePolicy(lost));
  collection.register(owner, handle);
}

/** What an engine that failed is taken to answer: nothing that stands in the way of a call, or that adds one to the load. */
const FAIL_OPEN_RESULTS: Readonly<Partial<Record<keyof PolicyEngine, number>>> = {
  nextDelay: 1_000,
  withdraw: 0,
  hedgeDelay: Number.POSITIVE_INFINITY,
  enter: 1,
  cancel: 0,
  // All who wait may start.
  next: Number.NaN,
  take: 0,
  tokenWait: 0,
  sample: Number.POSITIVE_INFINITY,
  throttleAdmit: 1,
  scheduleEntry: -1,
  scheduleChange: Number.POSITIVE_INFINITY,
  forecastCall: 0,
};

/** The same engine, but that a call goes on where it fails. After the first failure, which is told, it is asked no more. */
function failOpen(engine: PolicyEngine): PolicyEngine {
  let failed = false;
  const guarded = Object.entries(engine).map(([name, run]: [string, (...values: unknown[]) => unknown]) => {
    if (name === 'createPolicy') return [name, run];
    const answer = FAIL_OPEN_RESULTS[name as keyof PolicyEngine];
    return [
      name,
      (a: unknown, b: unknown, c: unknown, d: unknown, e: unknown) => {
        if (failed) return answer;
        try {
          return run(a, b, c, d, e);
        } catch (error) {
          failed = true;
          reportFault(undefined, 'fusewire: the engine of the policies failed, every call passes', error);
          return answer;
        }
      },
    ];
  });
  return Object.fromEntries(guarded) as PolicyEngine;
}
