import { defineErrorClass } from 'fusewire';

/** One problem of a configuration. It contains no value that may be a secret. */
export interface ConfigurationProblem {
  /** Variable with the problem, or breaker and option, such as `mpesa.timeout`. */
  readonly source: string;
  /** Description of the problem, which begins with `source`. */
  readonly message: string;
}

/**
 * Error for an invalid configuration. It reports every problem at once, and contains no secret. `instanceof` is also true for
 * the errors of another copy of this package.
 */
export class ConfigurationError extends Error {
  /** Error code, always `'ERR_CONFIGURATION'`. */
  readonly code = 'ERR_CONFIGURATION';
  /** Every problem, in the order of the message. */
  readonly problems: readonly ConfigurationProblem[];

  constructor(title: string | undefined, problems: readonly ConfigurationProblem[]) {
    const subject = title === undefined ? 'Configuration' : `${title} configuration`;
    super(`${subject} errors: ${problems.map(({ message }) => message).join('; ')}`);
    this.problems = problems;
  }
}

defineErrorClass(ConfigurationError, 'ConfigurationError', {
  key: 'fusewire.ConfigurationError',
  code: 'ERR_CONFIGURATION',
});
