import { absolute, Caller, originOf, repeatNoMore } from '@fusewire/http';
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
    const caller = new Caller(signal, (reason) =>
      axios.isCancel(reason) ? reason : new axios.CanceledError(undefined, config),
    );
    try {
      return await send(routes, inner, config, origin, caller);
    } catch (error) {
      throw asAxiosError(error, config);
    } finally {
      caller.end();
      stop();
    }
  };
}

const NO_CALLER = new Caller(undefined);

async function sendUncancelled(
  routes: Routes,
  inner: AxiosAdapter,
  config: InternalAxiosRequestConfig,
  origin: string,
): Promise<AxiosResponse> {
  try {
    return await send(routes, inner, config, origin, NO_CALLER);
  } catch (error) {
    throw asAxiosError(error, config);
  }
}

function send(
  routes: Routes,
  inner: AxiosAdapter,
  config: InternalAxiosRequestConfig,
  origin: string,
  caller: Caller,
): Promise<AxiosResponse> {
  const repeat = routes.repeats(config.method ?? 'get') && !isStream(config.data);
  const route = routes.to(origin, () => absolute(axios.getUri(config)));
  const { signal } = caller;
  return route.send((context) => attempt(inner, config, route, context, caller), { repeat, signal, discard });
}

/** Makes one attempt, which holds a slot of the bulkhead of its origin. */
function attempt(
  inner: AxiosAdapter,
  config: InternalAxiosRequestConfig,
  route: Route,
  context: CallContext,
  caller: Caller,
): Promise<AxiosResponse> {
  if (!mayEndEarly(route, config)) return route.connect(() => inner(config), context);
  const work = async () => {
    caller.waiting++;
    try {
      return await sendOnce(inner, config, context.signal);
    } catch (error) {
      if (caller.hasLeft) addAbortReason(error, config);
      throw error;
    } finally {
      caller.waiting--;
    }
  };
  return route.connect(work, context);
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

/** Sets the reason of an abort as the `cause` of axios's error, so that the breaker can tell a timeout from an abort. */
function addAbortReason(error: unknown, config: InternalAxiosRequestConfig): void {
  if (!axios.isCancel(error)) return;
  const signal = signalOf(config);
  if (signal?.aborted === true) error.cause ??= signal.reason;
  repeatNoMore(error);
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
