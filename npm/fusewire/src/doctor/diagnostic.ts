/** Severity of a diagnostic. error: it does not work; warning: it works unlike most would want; note: good to know. */
export type Severity = 'error' | 'warning' | 'note';

/** One problem of a configuration, or a possible one. */
export interface Diagnostic {
  /** Code of the rule that reports it. */
  readonly code: string;
  readonly severity: Severity;
  /** Name of the object with the problem: `Circuit breaker mpesa`, `Pipeline orders`, or a file. */
  readonly subject: string;
  /** Description of the problem, with its numbers. */
  readonly message: string;
  /** Instruction for solving it. */
  readonly advice: string;
}
