import { readOptions } from 'fusewire';
import type { CircuitBreaker as Engine, StateChangeEvent } from 'fusewire';
import { readLogger } from '../logger.ts';
import type { Logger } from '../logger.ts';
import { messageOf } from '../translation.ts';

/** Who is told what the breakers do. */
export interface ReportingOptions {
  /** Where slow calls and state changes are written; false for nowhere. Default `console`. */
  logger?: Logger | false | undefined;
  /** Is told of each circuit that opens. It can do the call no harm. Default: nobody. */
  onOpen?: ((alert: CircuitAlert) => unknown) | undefined;
  /** Calls that take longer than this many milliseconds are written: 0 to 2 147 483 647. Default 1 000. */
  slowCallDuration?: number | undefined;
}

/** The context of a state change. */
export interface StateChange {
  service: string;
  from: string;
  to: string;
  /** Why: `'failure-threshold'`, `'open-time-elapsed'`, `'probes-succeeded'`, `'reset'` and so on. */
  reason: string;
  failureCount: number;
  /** When a call may be admitted, in ISO 8601; missing where one would be now. */
  nextAttempt?: string;
  /** What the last failure said; missing before the first. */
  lastError?: string;
  /** In ISO 8601. */
  timestamp: string;
}

/** A circuit has opened. */
export interface CircuitAlert extends StateChange {
  /** For people: `Circuit breaker mpesa is OPEN`. */
  message: string;
}

/** Tells of slow calls and state changes, as it was last told to. */
export class Reporting {
  #logger: Logger | false = console;
  #onOpen: ReportingOptions['onOpen'];
  #slowCallDuration = 1_000;

  /** @throws {BreakerOptionsError} with everything that is wrong with the options; nothing changes. */
  configure(options: ReportingOptions): void {
    const reader = readOptions('Circuit breaker', 'reporting', options);
    const logger = readLogger(reader, ['info', 'warn']);
    const onOpen = reader.callable('onOpen') as ReportingOptions['onOpen'];
    const slowCallDuration = reader.milliseconds('slowCallDuration', 0);
    reader.finish();
    if (logger !== undefined) this.#logger = logger;
    if (onOpen !== undefined) this.#onOpen = onOpen;
    if (slowCallDuration !== undefined) this.#slowCallDuration = slowCallDuration;
  }

  /** Follows a breaker from now on. */
  follow(engine: Engine): void {
    engine.on('success', ({ duration }) => this.#timed(engine, duration));
    engine.on('failure', ({ duration }) => this.#timed(engine, duration));
    engine.on('stateChange', (change) => {
      if (!change.shadow) this.#changed(engine, change);
    });
    engine.on('open', (change) => this.#onOpen?.(alertOf(engine, change)));
  }

  #timed({ name, state }: Engine, measured: number | null): void {
    const duration = Math.round(measured ?? 0);
    if (measured === null || measured <= this.#slowCallDuration || this.#logger === false) return;
    this.#logger.warn(`Slow external service call: ${name} took ${duration}ms`, { service: name, duration, state });
  }

  #changed(engine: Engine, change: StateChangeEvent): void {
    if (this.#logger === false) return;
    const message = `Circuit breaker ${engine.name}: ${change.from} to ${change.to}`;
    this.#logger[change.to === 'OPEN' ? 'warn' : 'info'](message, contextOf(engine, change));
  }
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
    ...(lastError !== null && { lastError: messageOf(lastError) }),
    timestamp: at.toISOString(),
  };
}
