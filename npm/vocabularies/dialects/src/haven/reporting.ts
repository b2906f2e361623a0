import type { CircuitBreaker as Engine, Logger as EngineLogger, StateChangeEvent } from 'fusewire';
import type { OptionsReader } from 'fusewire/kit';
import { readLogger } from '../logger.ts';
import type { Logger } from '../logger.ts';

/** Options of the log and the alerts of all breakers. */
export interface ReportingOptions {
  /**
   * Logger of slow calls and state changes, and of warnings about the use of a breaker; false for none. Default `console`.
   */
  logger?: Logger | false | undefined;
  /** Receives an alert when a circuit opens. An error that it throws cannot fail a call. Default: none. */
  onOpen?: ((alert: CircuitAlert) => unknown) | undefined;
  /** Milliseconds above which a call is logged as slow: 0 to 2 147 483 647. Default 1 000. */
  slowCallDuration?: number | undefined;
  /** Whether every call is logged with its duration, for example during development. Default false. */
  logCalls?: boolean | undefined;
}

/** State change, as it is logged. */
export interface StateChange {
  service: string;
  from: string;
  to: string;
  /** Reason: `'failure-threshold'`, `'open-time-elapsed'`, `'probes-succeeded'`, `'reset'` and others. */
  reason: string;
  failureCount: number;
  /** Time of the next admission, in ISO 8601; missing if a call is admitted now. */
  nextAttempt?: string;
  /** Message of the last failure; missing before the first. */
  lastError?: string;
  /** In ISO 8601. */
  timestamp: string;
}

/** Alert for a circuit that has opened. */
export interface CircuitAlert extends StateChange {
  /** Text for people: `Circuit breaker mpesa is OPEN`. */
  message: string;
}

/** Logger of slow calls and state changes, and sender of alerts, by the options that were set last. */
export class Reporting {
  #logger: Logger | false = console;
  #onOpen: ReportingOptions['onOpen'];
  #slowCallDuration = 1_000;
  #logsCalls = false;

  /** Logger of an engine: faults and warnings, which no caller sees. State changes come from {@link follow}. */
  readonly faultLogger: EngineLogger = {
    debug: () => {},
    info: () => {},
    warn: (message, details) => {
      if (!isStateChange(details)) this.#warn(message, details);
    },
    error: (message, details) => this.#warn(message, details),
  };

  /** Reads the options. Returns a function that sets them. */
  read(reader: OptionsReader): () => void {
    const logger = readLogger(reader, ['info', 'warn']);
    const onOpen = reader.callable('onOpen') as ReportingOptions['onOpen'];
    const slowCallDuration = reader.milliseconds('slowCallDuration', 0);
    const logCalls = reader.boolean('logCalls');
    return () => {
      if (logger !== undefined) this.#logger = logger;
      if (onOpen !== undefined) this.#onOpen = onOpen;
      if (slowCallDuration !== undefined) this.#slowCallDuration = slowCallDuration;
      if (logCalls !== undefined) this.#logsCalls = logCalls;
    };
  }

  /** Logs and alerts for a breaker from now on. */
  follow(engine: Engine): void {
    engine.on('success', ({ duration }) => this.#logCall(engine, duration, 'success'));
    engine.on('failure', ({ duration }) => this.#logCall(engine, duration, 'failure'));
    engine.on('stateChange', (change) => {
      if (!change.shadow) this.#logStateChange(engine, change);
    });
    engine.on('open', (change) => this.#onOpen?.(alertOf(engine, change)));
  }

  #warn(message: string, details: unknown): void {
    if (this.#logger !== false) this.#logger.warn(message, details);
  }

  #logCall({ name, state }: Engine, measured: number | null, outcome: 'success' | 'failure'): void {
    const duration = Math.round(measured ?? 0);
    const details = { service: name, duration, state };
    if (measured !== null && measured > this.#slowCallDuration) {
      this.#warn(`Slow external service call: ${name} took ${duration}ms`, details);
    } else if (this.#logsCalls && this.#logger !== false) {
      this.#logger.info(`External service call: ${name} took ${duration}ms`, { ...details, outcome });
    }
  }

  #logStateChange(engine: Engine, change: StateChangeEvent): void {
    if (this.#logger === false) return;
    const message = `Circuit breaker ${engine.name}: ${change.from} to ${change.to}`;
    this.#logger[change.to === 'OPEN' ? 'warn' : 'info'](message, contextOf(engine, change));
  }
}

function isStateChange(details: unknown): boolean {
  return typeof details === 'object' && details !== null && 'from' in details && 'to' in details;
}

function alertOf(engine: Engine, change: StateChangeEvent): CircuitAlert {
  return { message: `Circuit breaker ${engine.name} is OPEN`, ...contextOf(engine, change) };
}

function contextOf(engine: Engine, { from, to, reason, at }: StateChangeEvent): StateChange {
  const { failureCount, nextAttemptTime, lastError } = engine.getStats();
  return {
    service: engine.name,
    from,
    to,
    reason,
    failureCount,
    ...(nextAttemptTime !== null && { nextAttempt: nextAttemptTime.toISOString() }),
    ...(lastError !== null && { lastError: lastError.message }),
    timestamp: at.toISOString(),
  };
}
