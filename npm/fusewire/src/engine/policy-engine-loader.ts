import { loadPolicies } from '#policies';
import { reportFault } from '../logging.ts';
import { loadOr } from './load-or.ts';
import { nativePolicyEngine } from './native-backend.ts';
import type { PolicyEngine } from './policy-engine.ts';
import { loadWasm } from './wasm-loader.ts';

export type { PolicyEngine } from './policy-engine.ts';

let loaded: PolicyEngine | undefined;
let collection: FinalizationRegistry<number> | undefined;

/**
 * Returns the engine of the policies, and loads it at its first use. It is WebAssembly, whatever backend the breakers use: the
 * backend is an option of each breaker, and threads share only breakers. Without WebAssembly the addon takes over: it has the
 * same functions, and the test vectors compare both.
 */
export function policyEngine(): PolicyEngine {
  return (loaded ??= failOpen(loadOr(() => loadWasm(loadPolicies), nativePolicyEngine)));
}

/** Frees a policy in the engine once `owner` has been garbage-collected. */
export function freePolicyWhenCollected(owner: object, handle: number): void {
  if (typeof FinalizationRegistry === 'undefined') return;
  collection ??= new FinalizationRegistry((lost) => loaded?.freePolicy(lost));
  collection.register(owner, handle);
}

/** Results used after the engine has failed. They admit every call, start no additional one, and accept all options. */
const failOpenResults = (): Readonly<Partial<Record<keyof PolicyEngine, number>>> => ({
  nextDelay: 1_000,
  withdraw: 0,
  hedgeDelay: Number.POSITIVE_INFINITY,
  enter: 1,
  displaced: 0,
  cancel: 0,
  // Every waiting call may start.
  next: Number.NaN,
  take: 0,
  tokenWait: 0,
  sample: Number.POSITIVE_INFINITY,
  shedLoadAdmit: 1,
  scheduleEntry: -1,
  scheduleChange: Number.POSITIVE_INFINITY,
  forecastCall: 0,
  // No policy of the engine has this handle.
  createPolicy: 0,
});

/** Wraps the engine so that calls are admitted if it fails. The first failure is reported, and ends its use. */
function failOpen(engine: PolicyEngine): PolicyEngine {
  let failed = false;
  const results = failOpenResults();
  const guarded = Object.entries(engine).map(([name, run]: [string, (...values: unknown[]) => unknown]) => {
    const result = results[name as keyof PolicyEngine];
    return [
      name,
      (a: unknown, b: unknown, c: unknown, d: unknown, e: unknown) => {
        if (failed) return result;
        try {
          return run(a, b, c, d, e);
        } catch (error) {
          failed = true;
          reportFault(undefined, 'fusewire: the engine of the policies failed, every call passes', error);
          return result;
        }
      },
    ];
  });
  return Object.fromEntries(guarded) as PolicyEngine;
}
