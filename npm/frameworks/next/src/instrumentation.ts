import { once } from './registry.ts';

/** Hook of Next.js: an error of a request, and where it came from. */
export type RequestErrorHandler = (
  error: unknown,
  request: Readonly<{ path: string; method: string }>,
  context: Readonly<{ routerKind: string; routePath: string; routeType: string }>,
) => void | Promise<void>;

/** Exports of `instrumentation.ts`. */
export interface Instrumentation {
  /** Starts the program, once in each process. */
  readonly register: () => Promise<void>;
  /** Receives the errors of requests. */
  readonly onRequestError: RequestErrorHandler;
}

/**
 * Returns the exports of `instrumentation.ts`. `start` runs once in each process of Node, and not on the edge runtime: start event
 * logs, alerts and queues there. `onError` receives the errors of requests; if it fails, the request does not.
 *
 * ```ts
 * export const { register, onRequestError } = instrumentation({ start: () => import('./operations') });
 * ```
 */
export function instrumentation(options: {
  readonly start: () => unknown;
  readonly onError?: RequestErrorHandler;
}): Instrumentation {
  const { start, onError } = options;
  return {
    async register() {
      if (process.env['NEXT_RUNTIME'] === 'edge') return;
      await once('instrumentation', async () => start());
    },
    async onRequestError(error, request, context) {
      try {
        await onError?.(error, request, context);
      } catch (failure) {
        console.error('fusewire: onError of the instrumentation failed', failure);
      }
    },
  };
}
