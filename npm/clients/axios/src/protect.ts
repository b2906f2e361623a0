import { readOrigins, readRoutes } from '@fusewire/http/kit';
import type { OriginBreakers, OriginOptions, RouteOptions } from '@fusewire/http/kit';
import axios from 'axios';
import type { AxiosInstance } from 'axios';
import { readOptions } from 'fusewire/kit';
import { protectedAdapter } from './adapter.ts';

/** Options of {@link protect}. */
export interface ProtectOptions extends OriginOptions, RouteOptions {}

// Limits of conexxus-completion-report.md, "Connection Pool Limits".
const TIMEOUT = 30_000;
const MAX_REDIRECTS = 5;
const MAX_SIZE = 50 * 1_048_576;

const protectedInstances = new WeakMap<AxiosInstance, OriginBreakers>();

/**
 * Adds a breaker for each origin, limits and a retry to an axios instance. It replaces the adapter, so that every real attempt
 * is admitted and counted. The adapter runs after the request interceptors and before the response interceptors.
 *
 * Errors of axios stay unchanged. In addition, a request rejects with `CircuitOpenError` or `BulkheadFullError` before a
 * connection is opened. axios's `isAxiosError` returns true for these too. A response counts by its status, even if
 * `validateStatus` accepts it.
 *
 * Limits that the instance leaves at axios's defaults are set: `timeout` 30 000 ms, `maxRedirects` 5, `maxContentLength` and
 * `maxBodyLength` 50 MiB each. Limits that you set on the instance or a request stay.
 *
 * ```ts
 * const client = protect(axios.create({ baseURL: 'https://api.example.org' }), { breaker: { failureThreshold: 5 } });
 * ```
 *
 * @returns the instance.
 * @throws {OptionsError} with everything that is wrong with the options.
 * @throws {TypeError} if `instance` is no axios instance, or is protected already.
 */
export function protect<Instance extends AxiosInstance>(instance: Instance, options: ProtectOptions = {}): Instance {
  if (typeof instance !== 'function' || typeof instance.defaults !== 'object') {
    throw new TypeError('protect: the first argument must be an axios instance, such as axios.create() returns');
  }
  if (protectedInstances.has(instance)) throw new TypeError('protect: this axios instance is protected already');
  const reader = readOptions('Client', 'axios', options);
  const createRoutes = readRoutes(reader, readOrigins(reader, { timeout: false }));
  reader.finish();
  const routes = createRoutes();
  const { defaults } = instance;
  const inner = defaults.adapter;
  defaults.adapter = protectedAdapter(routes, (config) => axios.getAdapter(inner, config)(config));
  if (!defaults.timeout) defaults.timeout = TIMEOUT;
  defaults.maxRedirects ??= MAX_REDIRECTS;
  if (isUnlimited(defaults.maxContentLength)) defaults.maxContentLength = MAX_SIZE;
  if (isUnlimited(defaults.maxBodyLength)) defaults.maxBodyLength = MAX_SIZE;
  protectedInstances.set(instance, routes.origins);
  return instance;
}

/** Returns the breakers of an axios instance, or undefined if the instance is not protected. */
export function breakersOf(instance: AxiosInstance): OriginBreakers | undefined {
  return protectedInstances.get(instance);
}

/** Whether a size is axios's default, which means no limit. `Infinity` is a choice of the user and stays. */
function isUnlimited(size: number | undefined): boolean {
  return size === undefined || size < 0;
}
