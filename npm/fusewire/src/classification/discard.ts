/**
 * Cancels the body of a response that no caller receives, so that its connection becomes free. Ignores other values, and a body
 * that somebody reads.
 */
export function discard(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  try {
    const { body } = value as { readonly body?: unknown };
    if (typeof body !== 'object' || body === null) return;
    const { locked, cancel } = body as { readonly locked?: unknown; readonly cancel?: unknown };
    if (locked !== false || typeof cancel !== 'function') return;
    const cancelled: unknown = cancel.call(body);
    if (cancelled instanceof Promise) cancelled.catch(() => undefined);
  } catch {
    // A hostile body is not ours to repair.
  }
}
