const CONFIGURATION: unique symbol = Symbol.for('fusewire.ConfigurationError');

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

// Outside of the class, because bundlers rename a class that refers to itself.
Object.defineProperties(ConfigurationError.prototype, {
  name: { value: 'ConfigurationError', configurable: true, writable: true },
  [CONFIGURATION]: { value: true },
});
Object.defineProperty(ConfigurationError, Symbol.hasInstance, {
  value(this: unknown, error: unknown): boolean {
    // Subclasses inherit this method, but have instances of their own.
    if (this !== ConfigurationError) return Function.prototype[Symbol.hasInstance].call(this as never, error);
    return (error as { readonly [CONFIGURATION]?: unknown } | null | undefined)?.[CONFIGURATION] === true;
  },
});
