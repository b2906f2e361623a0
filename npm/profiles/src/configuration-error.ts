const CONFIGURATION: unique symbol = Symbol.for('fusewire.ConfigurationError');

/** One thing that is wrong with a configuration. It holds no value that may be a secret. */
export interface ConfigurationProblem {
  /** The variable, or the breaker and its option, such as `mpesa.timeout`. */
  readonly source: string;
  /** What is wrong with it, beginning with `source`. */
  readonly message: string;
}

/** A configuration that nothing can be started with. It tells everything that is wrong at once, and no secret. */
export class ConfigurationError extends Error {
  /** Always `'ECONFIGURATION'`. */
  readonly code = 'ECONFIGURATION';
  /** Everything that is wrong. */
  readonly problems: readonly ConfigurationProblem[];

  constructor(title: string | undefined, problems: readonly ConfigurationProblem[]) {
    const subject = title === undefined ? 'Configuration' : `${title} configuration`;
    super(`${subject} errors: ${problems.map(({ message }) => message).join('; ')}`);
    this.problems = problems;
  }
}

Object.defineProperty(ConfigurationError.prototype, 'name', {
  value: 'ConfigurationError',
  configurable: true,
  writable: true,
});
Object.defineProperty(ConfigurationError.prototype, CONFIGURATION, { value: true });

/** Whether it is a {@link ConfigurationError}, of whichever copy of this package. */
export function isConfigurationError(error: unknown): error is ConfigurationError {
  return error instanceof Error && (error as { readonly [CONFIGURATION]?: unknown })[CONFIGURATION] === true;
}
