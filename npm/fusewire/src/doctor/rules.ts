import type { BreakerRule, ConfigurationRule, PipelineRule, Rule } from './rule.ts';
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
} from './rules/times.ts';
import {
  countWindowSpansHours,
  opensOnEverydayFailures,
  opensOnFirstFailure,
  ruleOutOfReach,
  thresholdOutOfReach,
} from './rules/traffic.ts';

/** What is looked for in one breaker. */
export const breakerRules: readonly BreakerRule[] = [
  thresholdOutOfReach,
  ruleOutOfReach,
  slowCallOutOfReach,
  opensOnFirstFailure,
  opensOnEverydayFailures,
  countWindowSpansHours,
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

/** What is looked for in one pipeline. */
export const pipelineRules: readonly PipelineRule[] = [retryInsideBreaker, attemptsOutlastTotal, retriesMultiply];

/** What is looked for in everything together. */
export const configurationRules: readonly ConfigurationRule[] = [nameTwice];

/** Found by what makes breakers, not by looking at one: the doctor in sources, and at run time in development. */
export const madePerRequest: Rule = {
  code: 'made-per-request',
  severity: 'error',
  reason: 'A breaker that is made anew for each request never sees more than one call, and so never opens.',
  advice: 'Make it once, where the module is loaded, or ask a BreakerRegistry for it.',
};

/** Found where breakers are made. */
export const optionsRefused: Rule = {
  code: 'options-refused',
  severity: 'error',
  reason: 'No breaker can be made with these options.',
  advice: 'Correct them.',
};

/** Found where facts are read. */
export const factsOfNobody: Rule = {
  code: 'facts-of-nobody',
  severity: 'warning',
  reason: 'Facts under a name that is misspelt are used for nothing, and what they would show is not found.',
  advice: 'Correct the name, or have the breaker made when the file is loaded.',
};

/** Everything that is looked for. */
export const rules: readonly Rule[] = [
  optionsRefused,
  factsOfNobody,
  madePerRequest,
  ...breakerRules,
  ...pipelineRules,
  ...configurationRules,
];
