/** Level of a line. */
export type MockLogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Function of a {@link MockLogger}: one for each level. */
export type MockLogFunction = (message: string, ...details: unknown[]) => void;

/** Line that a {@link MockLogger} has received. */
export interface MockLogLine {
  readonly level: MockLogLevel;
  readonly message: string;
  readonly details: readonly unknown[];
}

/** Logger that records its lines and prints none. `LogFunction` is the type of the functions. */
export interface MockLogger<LogFunction = MockLogFunction> {
  readonly debug: LogFunction;
  readonly info: LogFunction;
  readonly warn: LogFunction;
  readonly error: LogFunction;
  /** Lines so far, in their order. */
  readonly lines: readonly MockLogLine[];
  /** Forgets the lines so far. Spies keep their calls. */
  clear(): void;
}

/**
 * Returns a logger that records its lines and prints none.
 *
 * ```ts
 * const logger = createMockLogger(vi.fn);
 * expect(logger.warn).toHaveBeenCalledWith("Circuit breaker 'orders' opened");
 * ```
 *
 * @param spy makes a spy of a function: `vi.fn`, `jest.fn` or `mock.fn` of node:test. Default: the functions are no spies.
 * @throws {TypeError} if `spy` is not a function, or does not return one.
 */
export function createMockLogger<LogFunction = MockLogFunction>(
  spy?: (record: MockLogFunction) => LogFunction,
): MockLogger<LogFunction> {
  if (spy !== undefined && typeof spy !== 'function') throw new TypeError(MISUSE);
  const lines: MockLogLine[] = [];
  const record = (level: MockLogLevel): LogFunction => {
    const log: MockLogFunction = (message, ...details) => void lines.push({ level, message, details });
    const result = spy === undefined ? log : spy(log);
    if (typeof result !== 'function') throw new TypeError(MISUSE);
    return result as LogFunction;
  };
  return {
    debug: record('debug'),
    info: record('info'),
    warn: record('warn'),
    error: record('error'),
    lines,
    clear: () => void lines.splice(0),
  };
}

const MISUSE = 'createMockLogger takes a function that makes a spy of a function, such as vi.fn';
