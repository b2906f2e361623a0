import type { BreakerConfiguration, Configuration, PipelineConfiguration } from './configuration.ts';
import type { Diagnostic, Severity } from './diagnostic.ts';

/** Description of one check of the doctor. */
export interface Rule {
  /** Stable identifier, such as `reset-shorter-than-timeout`. */
  readonly code: string;
  readonly severity: Severity;
  /** Explanation of the problem that the rule finds, and of the damage it does. */
  readonly reason: string;
  /** Instruction for solving it. */
  readonly advice: string;
}

/** Rule about one breaker. `check` returns the message of a diagnostic, or undefined if all is well. */
export interface BreakerRule extends Rule {
  /** Whether missing facts count as a problem. Development warnings skip such rules: no facts exist at run time. */
  readonly needsFacts?: true;
  check(breaker: BreakerConfiguration): string | undefined;
}

/** Rule about one pipeline. `check` returns the message of a diagnostic, or undefined if all is well. */
export interface PipelineRule extends Rule {
  check(pipeline: PipelineConfiguration): string | undefined;
}

/** Rule about a whole configuration. `check` returns the names of breakers, each with the message of a diagnostic. */
export interface ConfigurationRule extends Rule {
  check(configuration: Configuration): Iterable<readonly [breaker: string, message: string]>;
}

/** Returns the diagnostic of a rule in an array, or an empty array if there is no message. */
export function toDiagnostics(rule: Rule, subject: string, message: string | undefined): Diagnostic[] {
  const { code, severity, advice } = rule;
  return message === undefined ? [] : [{ code, severity, subject, message, advice }];
}
