/** Response of Node, as far as its signal needs it. */
export interface ClosableResponse {
  readonly writableFinished: boolean;
  readonly destroyed?: boolean;
  once(event: 'close', listener: () => void): unknown;
}

const signals = new WeakMap<ClosableResponse, AbortSignal>();
const reasons = new WeakSet<object>();

/**
 * Returns the signal of a request that Node serves: it aborts if the client goes before the response is complete. Each
 * request has one signal, however often it is asked for.
 *
 * ```ts
 * const paid = await payments.execute(({ signal }) => fetch(url, { signal }), { signal: disconnectSignal(response) });
 * ```
 */
export function disconnectSignal(response: ClosableResponse): AbortSignal {
  const known = signals.get(response);
  if (known !== undefined) return known;
  const controller = new AbortController();
  const abort = () => {
    const reason = new DOMException('The client has closed the connection', 'AbortError');
    reasons.add(reason);
    controller.abort(reason);
  };
  signals.set(response, controller.signal);
  if (response.destroyed === true && !response.writableFinished) abort();
  else response.once('close', () => response.writableFinished || abort());
  return controller.signal;
}

/** Whether an error is the reason with which {@link disconnectSignal} has aborted, so that nobody waits for a response. */
export function isDisconnect(error: unknown): boolean {
  return typeof error === 'object' && error !== null && reasons.has(error);
}
