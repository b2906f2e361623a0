import type { BreakerCase, Configuration, PipelineCase } from './case.ts';

/** How bad it is: it does not work; it works otherwise than most would want; it is as well to know. */
export type Severity = 'error' | 'warning' | 'note';

/** Something that is wrong with a configuration, or may be. */
export interface Finding {
  /** Which rule found it. */
  readonly code: string;
  readonly severity: Severity;
  /** What it is about: `Circuit breaker mpesa`, `Pipeline orders`, or a file. */
  readonly subject: string;
  /** What is the matter, with the numbers. */
  readonly message: string;
  /** What to do about it. */
  readonly advice: string;
}

/** What a rule says of itself. */
export interface Rule {
  /** Such as `reset-shorter-than-timeout`. */
  readonly code: string;
  readonly severity: Severity;
  /** What it looks for, and why that hurts. */
  readonly reason: string;
  /** What to do about it. */
  readonly advice: string;
}

/** A rule about one breaker. `check` returns what is the matter, if anything is. */
export interface BreakerRule extends Rule {
  /** Whether it takes silence about the surroundings for an answer. At run time nobody has been asked. */
  readonly needsFacts?: true;
  check(breaker: BreakerCase): string | undefined;
}

/** A rule about one pipeline. */
export interface PipelineRule extends Rule {
  check(pipeline: PipelineCase): string | undefined;
}

/** A rule about everything together. `check` returns what is the matter with which breakers. */
export interface ConfigurationRule extends Rule {
  check(configuration: Configuration): Iterable<readonly [breaker: string, message: string]>;
}
