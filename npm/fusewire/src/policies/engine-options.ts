import { POLICY } from '../engine/codes.ts';

/**
 * Names of the options that the engine checks, by the kind of policy. The engine rejects every other name; this list only
 * serves to suggest one of them for a misspelt name. A test keeps it in step with `crates/policies-bridge/src/options.rs`.
 */
export const engineOptions = (): Readonly<Record<number, readonly string[]>> => ({
  [POLICY.DELAYS]: ['type', 'delay', 'initial', 'increment', 'factor', 'max', 'jitter', 'seed'],
  [POLICY.BUDGET]: ['share', 'minimumPerSecond', 'window'],
  [POLICY.HEDGE]: ['delay', 'quantile', 'minimumCalls', 'window', 'maxHedges'],
  [POLICY.BULKHEAD]: ['limit', 'queueSize'],
  [POLICY.RATE]: ['limit', 'per', 'burst'],
  [POLICY.LIMIT]: ['algorithm', 'initial', 'min', 'max', 'window', 'minimumCalls'],
  [POLICY.SHED_LOAD]: ['multiplier', 'window', 'maxRejection', 'minimumCalls', 'seed'],
});
