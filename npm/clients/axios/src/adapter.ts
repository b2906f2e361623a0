import { Caller, repeatNoMore } from '@fusewire/http';
import type { Route, Routes } from '@fusewire/http';
import axios from 'axios';
import type { AxiosAdapter, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { CallContext } from 'fusewire';

/** Returns an adapter that sends requests with another adapter, each through the breaker of its origin. */
export function protectedAdapter(routes: Routes, inner: AxiosAdapter): AxiosAdapter {
  return async (config) => {
    const url = urlOf(config);
    if (url === undefined) return inner(config);
    const caller = new Caller(signalOf(config), () => new axios.CanceledError(undefined, config));
    const repeat = routes.repeats(config.method ?? 'get') && !isStream(config.data);
    const route = routes.to(url);
    try {
      return await route.send((context) => attempt(inner, config, route, context, caller), {
        ...{ repeat, signal: caller.signal, discard },
      });
    } finally {
      caller.end();
    }
  };
}

/** Makes one attempt, which holds a slot of the bulkhead of its origin. */
function attempt(
  inner: AxiosAdapter,
  config: InternalAxiosRequestConfig,
  { connections }: Route,
  { signal }: CallContext,
  caller: Caller,
): Promise<AxiosResponse> {
  const send = async () => {
    caller.waiting++;
    try {
      return await inner(config);
    } catch (error) {
      if (caller.hasLeft) addAbortReason(error, config);
      throw error;
    } finally {
      caller.waiting--;
    }
  };
  return connections === undefined ? send() : connections.execute(send, { signal });
}

/** Sets the reason of an abort as the `cause` of axios's error, so that the breaker can tell a timeout from an abort. */
function addAbortReason(error: unknown, config: InternalAxiosRequestConfig): void {
  if (!axios.isCancel(error)) return;
  error.cause ??= signalOf(config)?.reason;
  repeatNoMore(error);
}

/** Returns the URL of a request, or undefined if axios will refuse it or opens no connection for it. */
function urlOf(config: InternalAxiosRequestConfig): URL | undefined {
  const base = (globalThis as { location?: { href?: string } }).location?.href;
  const address = axios.getUri(config);
  if (!URL.canParse(address, base)) return undefined;
  const url = new URL(address, base);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined;
}

function signalOf({ signal }: InternalAxiosRequestConfig): AbortSignal | undefined {
  return typeof signal?.addEventListener === 'function' ? (signal as AbortSignal) : undefined;
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
