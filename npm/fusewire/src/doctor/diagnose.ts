import type { BreakerCase, Configuration, PipelineCase } from './case.ts';
import type { Finding, Rule } from './rule.ts';
import { breakerRules, configurationRules, pipelineRules } from './rules.ts';

/** What is the matter with a configuration, in the order of its breakers and pipelines. */
export function diagnose(configuration: Configuration): Finding[] {
  const together = configurationRules.flatMap((rule) =>
    [...rule.check(configuration)].flatMap(([name, message]) => finding(rule, subjectOf(name), message)),
  );
  return [
    ...configuration.breakers.flatMap((breaker) => diagnoseBreaker(breaker)),
    ...configuration.pipelines.flatMap(diagnosePipeline),
    ...together,
  ];
}

/** What is the matter with one breaker. */
export function diagnoseBreaker(breaker: BreakerCase, rules = breakerRules): Finding[] {
  return rules.flatMap((rule) => finding(rule, subjectOf(breaker.name), rule.check(breaker)));
}

/** What is the matter with one pipeline. */
export function diagnosePipeline(pipeline: PipelineCase): Finding[] {
  return pipelineRules.flatMap((rule) => finding(rule, `Pipeline ${pipeline.name}`, rule.check(pipeline)));
}

/** A breaker, in a finding. */
export function subjectOf(breaker: string): string {
  return `Circuit breaker ${breaker}`;
}

/** What a rule has found, if it has. */
export function finding({ code, severity, advice }: Rule, subject: string, message: string | undefined): Finding[] {
  return message === undefined ? [] : [{ code, severity, subject, message, advice }];
}
