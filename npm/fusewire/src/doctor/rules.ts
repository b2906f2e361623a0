import type { BreakerRule, ConfigurationRule, PipelineRule, Rule } from './rule.ts';
import { callRules } from './rules/calls.ts';
import { nameTwice, unnamed } from './rules/names.ts';
import { attemptsOutlastTotal, retriesMultiply, retryInsideBreaker } from './rules/pipelines.ts';
import { moreProbesThanNeeded, noJitter, sameSeed } from './rules/recovery.ts';
import {
  resetShorterThanTimeout,
  slowCallOutOfReach,
  timeoutCutsRetries,
  timeoutLongerThanClient,
  timeoutMissing,
  timeoutShorterThanClient,
  timesInSeconds,
} from './rules/times.ts';
import {
  countWindowSpansHours,
  opensOnEverydayFailures,
  opensOnFirstFailure,
  ruleOutOfReach,
  thresholdOutOfReach,
} from './rules/traffic.ts';

/** Rules about one breaker. */
export const breakerRules: readonly BreakerRule[] = [
  thresholdOutOfReach,
  ruleOutOfReach,
  slowCallOutOfReach,
  opensOnFirstFailure,
  opensOnEverydayFailures,
  countWindowSpansHours,
  timesInSeconds,
  resetShorterThanTimeout,
  timeoutMissing,
  timeoutShorterThanClient,
  timeoutCutsRetries,
  timeoutLongerThanClient,
  noJitter,
  sameSeed,
  moreProbesThanNeeded,
  unnamed,
];

/** Rules about one pipeline. */
export const pipelineRules: readonly PipelineRule[] = [retryInsideBreaker, attemptsOutlastTotal, retriesMultiply];

/** Rules about a whole configuration. */
export const configurationRules: readonly ConfigurationRule[] = [nameTwice];

/** Rule checked by the source search, and by the development warnings. */
export const createdPerRequest: Rule = {
  code: 'made-per-request',
  severity: 'error',
  reason: 'A breaker that is made anew for each request never sees more than one call, and so never opens.',
  advice: 'Make it once, where the module is loaded, or ask a BreakerRegistry for it.',
};

/** Rule checked when breakers and pipelines are created. */
export const invalidOptions: Rule = {
  code: 'options-refused',
  severity: 'error',
  reason: 'No breaker can be created with these options.',
  advice: 'Correct the options.',
};

/** Rule checked after the facts are read. */
export const unusedFacts: Rule = {
  code: 'facts-of-nobody',
  severity: 'warning',
  reason: 'Facts under a misspelt name apply to no breaker, so the problems that they would reveal are not reported.',
  advice: 'Correct the name, or create the breaker when the file is loaded.',
};

/** All rules of the doctor. */
export const rules: readonly Rule[] = [
  invalidOptions,
  unusedFacts,
  createdPerRequest,
  ...breakerRules,
  ...pipelineRules,
  ...configurationRules,
  ...callRules,
];
