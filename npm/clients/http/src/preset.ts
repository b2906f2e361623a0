import { readOptions } from 'fusewire';
import type { OptionsReader, Verdict } from 'fusewire';
import type { Classifier } from './classifiers.ts';
import { find } from './findings.ts';
import type { Finding, Now } from './findings.ts';
import { isFailedResponse } from './translation.ts';

/** How long a dependency may have a circuit open, and a retry wait. */
export interface PresetOptions {
  /** What a `Retry-After` is cut to, in milliseconds, when it opens a circuit: 1 to 31 536 000 000. Default 300 000. */
  readonly maxOpenTime?: number | undefined;
  /**
   * The longest `Retry-After` that a retry waits for, in milliseconds: 0 to 2 147 483 647. What asks for longer is not
   * repeated. Default 30 000.
   */
  readonly maxRetryAfter?: number | undefined;
  /** The wall clock, in milliseconds since 1970, for a `Retry-After` that is a date. Default: `Date.now`. */
  readonly now?: Now | undefined;
}

/** Options to spread into those of a breaker and of a retry. */
export interface Preset {
  /** For `new CircuitBreaker({ name, ...preset.breaker })`. */
  readonly breaker: { readonly classify: Classifier; readonly isFailure: (result: unknown) => boolean };
  /** For `retry({ attempts, ...preset.retry })`. */
  readonly retry: {
    readonly retryIf: (error: unknown) => boolean;
    readonly retryAfter: (error: unknown) => number | undefined;
    readonly maxRetryAfter: number;
  };
}

const LONGEST_OPEN_TIME = 31_536_000_000;

/**
 * What errors mean to a breaker and a retry, whichever client they come from: fetch, undici, axios, got, node:http, and the
 * clients of databases.
 *
 * - 5xx, 429, network and timeout are failures; 429 and 503 with a `Retry-After` open the circuit for that long;
 * - other 4xx, aborts of the caller, limits of ours and requests that could not be made are ignored;
 * - a response that is handed over as a result fails by the same statuses, without its `Retry-After`: have
 *   {@link expectOk} make an error of it;
 * - what nothing is known of is left to the breaker, to which it is a failure, and is not repeated.
 *
 * ```ts
 * const { breaker, retry: again } = http();
 * const orders = pipeline({ retry: { attempts: 4, ...again }, breaker: { name: 'orders', ...breaker } });
 * ```
 *
 * @throws {BreakerOptionsError} with everything that is wrong with the options.
 */
export function http(options: PresetOptions = {}): Preset {
  const reader = readOptions('Preset', 'http', options);
  const settings = readPreset(reader);
  reader.finish();
  return presetOf(settings);
}

/** The options of a preset, read. */
export interface PresetSettings {
  readonly maxOpenTime: number;
  readonly maxRetryAfter: number;
  readonly now: Now;
}

/** Reads the options of a preset among others. */
export function readPreset(reader: OptionsReader): PresetSettings {
  const openTime = `a number of milliseconds from 1 to ${LONGEST_OPEN_TIME}`;
  return {
    maxOpenTime: reader.number('maxOpenTime', 1, LONGEST_OPEN_TIME, openTime) ?? 300_000,
    maxRetryAfter: reader.milliseconds('maxRetryAfter', 0) ?? 30_000,
    now: (reader.callable('now') as Now | undefined) ?? Date.now,
  };
}

/** The preset of settings. */
export function presetOf({ maxOpenTime, maxRetryAfter, now }: PresetSettings): Preset {
  const waitAfter = (error: unknown) => find(error, now)?.retryAfter;
  return {
    breaker: {
      classify: (error) => verdictOf(find(error, now), maxOpenTime),
      isFailure: isFailedResponse,
    },
    retry: {
      retryIf: (error) => {
        const finding = find(error, now);
        return finding?.retriable === true && (finding.retryAfter ?? 0) <= maxRetryAfter;
      },
      retryAfter: waitAfter,
      maxRetryAfter,
    },
  };
}

function verdictOf(finding: Finding | undefined, maxOpenTime: number): Verdict | undefined {
  switch (finding?.kind) {
    case undefined:
      return undefined;
    case 'server':
    case 'rate-limit':
      return openTimeOf(finding, maxOpenTime) ?? 'failure';
    case 'network':
    case 'timeout':
      return 'failure';
    default:
      return 'ignore';
  }
}

/** For how long 429 and 503 ask to be left alone. */
function openTimeOf({ status, retryAfter = 0 }: Finding, maxOpenTime: number): Verdict | undefined {
  if ((status !== 429 && status !== 503) || retryAfter === 0) return undefined;
  return { openFor: Math.min(retryAfter, maxOpenTime) };
}
