/** Returns the HTTP status of an error: its `status`, its `statusCode`, or the `status` of its `response`. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { status, statusCode, response } = error as Readonly<Record<string, unknown>>;
  const value = status ?? statusCode ?? (response as { status?: unknown } | null | undefined)?.status;
  return typeof value === 'number' ? value : undefined;
}
