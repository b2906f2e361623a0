import { readOrigins, readRoutes } from '@fusewire/http';
import type { OriginBreakers, OriginOptions, RouteOptions } from '@fusewire/http';
import axios from 'axios';
import type { AxiosInstance } from 'axios';
import { readOptions } from 'fusewire';
import { protectedAdapter } from './adapter.ts';

/** How {@link protect} behaves. */
export interface ProtectOptions extends OriginOptions, RouteOptions {}

/** After the document of the conexxus backend, "Connection Pool Limits". */
const TIMEOUT = 30_000;
const MAX_REDIRECTS = 5;
const MAX_SIZE = 50 * 1_048_576;

const protectedInstances = new WeakMap<AxiosInstance, OriginBreakers>();

/**
 * Puts a breaker for each origin, limits and repetitions in front of an instance of axios, by its adapter: after the
 * interceptors of requests, before those of responses. Each real attempt is admitted and counted.
 *
 * Errors stay what axios makes them. Beside them a request rejects with `CircuitOpenError` or `BulkheadFullError`, and no
 * connection is opened. What `validateStatus` takes counts by its status all the same.
 *
 * Where the instance has axios's defaults it gets a `timeout` of 30 000 ms, `maxRedirects` 5, and 50 MiB each for
 * `maxContentLength` and `maxBodyLength`; what was set stays, and a request may set its own.
 *
 * ```ts
 * const client = protect(axios.create({ baseURL: 'https://api.example.org' }), { breaker: { failureThreshold: 5 } });
 * ```
 *
 * @returns the instance.
 * @throws {BreakerOptionsError} with everything that is wrong with the options.
 * @throws {TypeError} if it is no instance of axios, or has been protected.
 */
export function protect<Instance extends AxiosInstance>(instance: Instance, options: ProtectOptions = {}): Instance {
  if (typeof instance !== 'function' || typeof instance.defaults !== 'object') {
    throw new TypeError('protect: an instance of axios must come first');
  }
  if (protectedInstances.has(instance)) throw new TypeError('protect: this instance of axios is protected already');
  const reader = readOptions('Client', 'axios', options);
  const makeRoutes = readRoutes(reader, readOrigins(reader, { timeout: false }));
  reader.finish();
  const routes = makeRoutes();
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

/** The breakers in front of an instance of axios, if it is protected. */
export function breakersOf(instance: AxiosInstance): OriginBreakers | undefined {
  return protectedInstances.get(instance);
}

/** What axios has for no limit, unless somebody says `Infinity`. */
function isUnlimited(size: number | undefined): boolean {
  return size === undefined || size < 0;
}
