import { readOptions } from 'fusewire';
import type { OptionsReader, Verdict } from 'fusewire';
import type { Classifier } from './classifiers.ts';
import { classifyError } from './classification.ts';
import type { Classification, Now } from './classification.ts';
import { isFailedResponse } from './translation.ts';

/** Limits for a `Retry-After`, and the clock that it is compared with. */
export interface PresetOptions {
  /** Longest time in milliseconds for which a `Retry-After` opens a circuit: 1 to 31 536 000 000. Default 300 000. */
  readonly maxOpenTime?: number | undefined;
  /**
   * Longest `Retry-After` in milliseconds that a retry waits for: 0 to 2 147 483 647. A request whose response asks for a
   * longer wait is not repeated. Default 30 000.
   */
  readonly maxRetryAfter?: number | undefined;
  /** Returns the wall clock in milliseconds since 1970, for a `Retry-After` that is a date. Default: `Date.now`. */
  readonly now?: Now | undefined;
}

/** Options to spread into those of a breaker and of a retry. */
export interface Preset {
  /** Options for `new CircuitBreaker({ name, ...preset.breaker })`. */
  readonly breaker: { readonly classify: Classifier; readonly isFailure: (result: unknown) => boolean };
  /** Options for `retry({ attempts, ...preset.retry })`. */
  readonly retry: {
    readonly retryIf: (error: unknown) => boolean;
    readonly retryAfter: (error: unknown) => number | undefined;
    readonly maxRetryAfter: number;
  };
}

const LONGEST_OPEN_TIME = 31_536_000_000;

/**
 * Returns options for a breaker and a retry that classify the errors of fetch, undici, axios, got, node:http, and of
 * database clients.
 *
 * - 5xx, 429, network errors and timeouts are failures. 429, 503 and 529 with a `Retry-After` open the circuit for that
 *   long.
 * - Other 4xx, aborts by the caller, limits of the client and invalid requests are ignored.
 * - A response that is returned as a result counts by the same statuses, but its `Retry-After` is ignored. Use
 *   {@link expectOk} to throw an error for it instead.
 * - An unknown error is left to the breaker, which counts it as a failure. A retry does not repeat it.
 *
 * ```ts
 * const { breaker, retry: again } = http();
 * const orders = pipeline({ retry: { attempts: 4, ...again }, breaker: { name: 'orders', ...breaker } });
 * ```
 *
 * @throws {OptionsError} with everything that is wrong with the options.
 */
export function http(options: PresetOptions = {}): Preset {
  const reader = readOptions('Preset', 'http', options);
  const settings = readPreset(reader);
  reader.finish();
  return presetOf(settings);
}

/** Validated options of a preset. */
export interface PresetSettings {
  readonly maxOpenTime: number;
  readonly maxRetryAfter: number;
  readonly now: Now;
}

/** Reads the options of a preset from a reader that also has others. */
export function readPreset(reader: OptionsReader): PresetSettings {
  const openTime = `a number of milliseconds from 1 to ${LONGEST_OPEN_TIME}`;
  return {
    maxOpenTime: reader.number('maxOpenTime', 1, LONGEST_OPEN_TIME, openTime) ?? 300_000,
    maxRetryAfter: reader.milliseconds('maxRetryAfter', 0) ?? 30_000,
    now: (reader.callable('now') as Now | undefined) ?? Date.now,
  };
}

/** Returns the preset for validated options. */
export function presetOf({ maxOpenTime, maxRetryAfter, now }: PresetSettings): Preset {
  return {
    breaker: {
      classify: (error) => verdictOf(classifyError(error, now), maxOpenTime),
      isFailure: isFailedResponse,
    },
    retry: {
      retryIf: (error) => {
        const classification = classifyError(error, now);
        return classification?.retriable === true && (classification.retryAfter ?? 0) <= maxRetryAfter;
      },
      retryAfter: (error) => classifyError(error, now)?.retryAfter,
      maxRetryAfter,
    },
  };
}

function verdictOf(classification: Classification | undefined, maxOpenTime: number): Verdict | undefined {
  switch (classification?.kind) {
    case undefined:
      return undefined;
    case 'server':
    case 'rate-limit':
      return openFor(classification, maxOpenTime) ?? 'failure';
    case 'network':
    case 'timeout':
      return 'failure';
    default:
      return 'ignore';
  }
}

/** Statuses of an overloaded dependency. 529 is no registered status, but some APIs use it so. */
const OVERLOAD_STATUSES: ReadonlySet<number | undefined> = new Set([429, 503, 529]);

/** Returns the verdict for an overload with a `Retry-After`, which opens the circuit for that long. */
function openFor({ status, retryAfter = 0 }: Classification, maxOpenTime: number): Verdict | undefined {
  if (!OVERLOAD_STATUSES.has(status) || retryAfter === 0) return undefined;
  return { openFor: Math.min(retryAfter, maxOpenTime) };
}
