import { absolute, originOf } from '@fusewire/http';
import type { Route, Routes } from '@fusewire/http';
import axios from 'axios';
import type { AxiosAdapter, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { CallContext } from 'fusewire';
import { callerSignalOf, eitherSignal, signalOf } from './signals.ts';
import { asAxiosError } from './rejections.ts';

/** Returns an adapter that sends requests with another adapter, each through the breaker of its origin. */
export function protectedAdapter(routes: Routes, inner: AxiosAdapter): AxiosAdapter {
  return async (config) => {
    const origin = originOfRequest(config);
    if (origin === undefined) return inner(config);
    if (config.signal === undefined && config.cancelToken === undefined) {
      return sendUncancelled(routes, inner, config, origin);
    }
    const { signal, stop } = callerSignalOf(config);
    try {
      return await send(routes, inner, config, origin, signal);
    } catch (error) {
      if (signal?.aborted === true && error === signal.reason) throw cancellation(error, config);
      throw asAxiosError(error, config);
    } finally {
      stop();
    }
  };
}

/** Returns the error with which axios rejects a request that its caller has aborted. */
function cancellation(reason: unknown, config: InternalAxiosRequestConfig): unknown {
  if (axios.isCancel(reason)) return reason;
  return Object.assign(new axios.CanceledError(undefined, config), { cause: reason });
}

async function sendUncancelled(
  routes: Routes,
  inner: AxiosAdapter,
  config: InternalAxiosRequestConfig,
  origin: string,
): Promise<AxiosResponse> {
  try {
    return await send(routes, inner, config, origin, undefined);
  } catch (error) {
    throw asAxiosError(error, config);
  }
}

function send(
  routes: Routes,
  inner: AxiosAdapter,
  config: InternalAxiosRequestConfig,
  origin: string,
  signal: AbortSignal | undefined,
): Promise<AxiosResponse> {
  const repeat = routes.repeats(config.method ?? 'get') && !isStream(config.data);
  const route = routes.to(origin, () => absolute(axios.getUri(config)));
  return route.send((context) => attempt(inner, config, route, context), { repeat, signal, discard });
}

/** Makes one attempt, which holds a slot of the bulkhead of its origin. */
function attempt(
  inner: AxiosAdapter,
  config: InternalAxiosRequestConfig,
  route: Route,
  context: CallContext,
): Promise<AxiosResponse> {
  if (!mayEndEarly(route, config)) return route.connect(() => inner(config), context);
  return route.connect(() => sendOnce(inner, config, context.signal), context);
}

/** Whether an attempt may end before its request, which it then has to abort. */
function mayEndEarly({ endsCalls }: Route, { signal, cancelToken }: InternalAxiosRequestConfig): boolean {
  return endsCalls || signal !== undefined || cancelToken !== undefined;
}

/**
 * Sends a request once, and ends it when the signal of the attempt aborts. The response and the error carry the caller's
 * own config, and not the copy with another signal.
 */
async function sendOnce(
  inner: AxiosAdapter,
  config: InternalAxiosRequestConfig,
  attemptSignal: AbortSignal,
): Promise<AxiosResponse> {
  const { signal, stop } = eitherSignal(signalOf(config), attemptSignal);
  const copy = { ...config, signal };
  const restoreConfig = (holder: { config?: unknown } | null | undefined) => {
    if (holder?.config === copy) holder.config = config;
  };
  try {
    const response = await inner(copy);
    restoreConfig(response);
    stop(response.data);
    return response;
  } catch (error) {
    const failed = error as { config?: unknown; response?: { config?: unknown; data?: unknown } } | null | undefined;
    restoreConfig(failed);
    restoreConfig(failed?.response);
    stop(failed?.response?.data);
    throw error;
  }
}

const ABSOLUTE = /^https?:\/\//i;

/** Returns the origin of a request, or undefined if axios will refuse it or opens no connection for it. */
function originOfRequest(config: InternalAxiosRequestConfig): string | undefined {
  const { baseURL, url = '' } = config;
  try {
    // Merging the address is costly, and the origin is that of the first part.
    if (baseURL === undefined && ABSOLUTE.test(url)) return originOf(url) || undefined;
    if (baseURL !== undefined && ABSOLUTE.test(baseURL) && url.startsWith('/') && !url.startsWith('//')) {
      return originOf(`${baseURL}/`) || undefined;
    }
    return originOf(axios.getUri(config)) || undefined;
  } catch {
    return undefined;
  }
}

/** Whether a body is a stream, which can be sent only once. */
function isStream(data: unknown): boolean {
  if (typeof data !== 'object' || data === null) return false;
  const { pipe, getReader } = data as { pipe?: unknown; getReader?: unknown };
  return typeof pipe === 'function' || typeof getReader === 'function';
}

/** Destroys the body of a response that nobody reads, if it is a stream. */
function discard({ data }: AxiosResponse): void {
  (data as { destroy?: () => void } | null | undefined)?.destroy?.();
}
