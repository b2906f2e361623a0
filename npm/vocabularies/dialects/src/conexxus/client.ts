import type { RetryOptions } from 'fusewire';
import { isEnvironment, LONGEST_TIMER } from './environment.ts';
import type { ConexxusEnvironment } from './environment.ts';

/** The limits of the HTTP client, as axios takes them. */
export interface ClientOptions {
  baseURL: string;
  /** Milliseconds that one attempt may take. */
  timeout: number;
  maxRedirects: number;
  /** Bytes of a response. */
  maxContentLength: number;
  /** Bytes of a request. */
  maxBodyLength: number;
}

const FIFTY_MEGABYTES = 50 * 1024 * 1024;

/** What `axios.create` takes: 5 redirects, 50 MB each way, and the time limit of the environment. */
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

/** What `retry` of fusewire takes: by default 3 more attempts, after 1, 2 and 4 seconds. */
export function retryOptions(environment: ConexxusEnvironment): RetryOptions {
  checkEnvironment('retryOptions', environment);
  return {
    attempts: environment.CONEXXUS_RETRIES + 1,
    delay: {
      type: 'exponential',
      initial: environment.CONEXXUS_RETRY_DELAY,
      factor: 2,
      max: LONGEST_TIMER,
      jitter: 'none',
    },
  };
}

function checkEnvironment(what: string, environment: unknown): void {
  if (!isEnvironment(environment)) throw new TypeError(`${what} takes what validateEnvironment returns`);
}
