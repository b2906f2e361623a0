import type { BreakerConfiguration, Configuration, PipelineConfiguration } from './configuration.ts';
import type { Diagnostic } from './diagnostic.ts';
import { toDiagnostics } from './rule.ts';
import { breakerRules, configurationRules, pipelineRules } from './rules.ts';

/** Returns the diagnostics of a configuration: those of its breakers, of its pipelines, and of the whole, in this order. */
export function diagnose(configuration: Configuration): Diagnostic[] {
  const ofWhole = configurationRules.flatMap((rule) =>
    [...rule.check(configuration)].flatMap(([name, message]) => toDiagnostics(rule, subjectOf(name), message)),
  );
  return [
    ...configuration.breakers.flatMap((breaker) => diagnoseBreaker(breaker)),
    ...configuration.pipelines.flatMap(diagnosePipeline),
    ...ofWhole,
  ];
}

/** Returns the diagnostics of one breaker. */
export function diagnoseBreaker(breaker: BreakerConfiguration, rules = breakerRules): Diagnostic[] {
  return rules.flatMap((rule) => toDiagnostics(rule, subjectOf(breaker.name), rule.check(breaker)));
}

/** Returns the diagnostics of one pipeline. */
export function diagnosePipeline(pipeline: PipelineConfiguration): Diagnostic[] {
  return pipelineRules.flatMap((rule) => toDiagnostics(rule, `Pipeline ${pipeline.name}`, rule.check(pipeline)));
}

/** Returns the subject of diagnostics about a breaker. */
export function subjectOf(breaker: string): string {
  return `Circuit breaker ${breaker}`;
}
