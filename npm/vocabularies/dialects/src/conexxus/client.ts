import type { RetryOptions } from 'fusewire';
import { isEnvironment, LONGEST_TIMER } from './environment.ts';
import type { ConexxusEnvironment } from './environment.ts';

/** Limits of the HTTP client, as options of axios. */
export interface ClientOptions {
  baseURL: string;
  /** Longest duration of one attempt, in milliseconds. */
  timeout: number;
  maxRedirects: number;
  /** Largest response, in bytes. */
  maxContentLength: number;
  /** Largest request body, in bytes. */
  maxBodyLength: number;
}

const FIFTY_MEGABYTES = 50 * 1024 * 1024;

/** Returns options for `axios.create`: 5 redirects, 50 MB each way, and the timeout of the environment. */
export function clientOptions(environment: ConexxusEnvironment): ClientOptions {
  checkEnvironment('clientOptions', environment);
  return {
    baseURL: environment.CONEXXUS_API_URL,
    timeout: environment.CONEXXUS_TIMEOUT,
    maxRedirects: 5,
    maxContentLength: FIFTY_MEGABYTES,
    maxBodyLength: FIFTY_MEGABYTES,
  };
}

/**
 * Returns options for `retry` of fusewire: by default 3 more attempts, after 1, 2 and 4 seconds. As the document says, every
 * request is repeated, also one that timed out. Set `idempotent: false` for requests that must not be sent twice.
 */
export function retryOptions(environment: ConexxusEnvironment): RetryOptions {
  checkEnvironment('retryOptions', environment);
  return {
    attempts: environment.CONEXXUS_RETRIES + 1,
    idempotent: true,
    delay: {
      type: 'exponential',
      initial: environment.CONEXXUS_RETRY_DELAY,
      factor: 2,
      max: LONGEST_TIMER,
      jitter: 'none',
    },
  };
}

function checkEnvironment(caller: string, environment: unknown): void {
  if (!isEnvironment(environment)) throw new TypeError(`${caller} takes what validateEnvironment returns`);
}
