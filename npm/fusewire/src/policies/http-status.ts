/** Returns the HTTP status of an error: its `status`, its `statusCode`, or the `status` of its `response`. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { status, statusCode, response } = error as Readonly<Record<string, unknown>>;
  const value = status ?? statusCode ?? (response as { status?: unknown } | null | undefined)?.status;
  return typeof value === 'number' ? value : undefined;
}

/** Statuses of an overloaded dependency. 529 is no registered status, but some APIs use it so. */
const OVERLOAD_STATUSES: readonly unknown[] = [408, 429, 503, 504, 529];

/** Whether an HTTP status reports an overloaded dependency, and not a wrong request or any other failure. */
export function isOverloadStatus(status: number | undefined): boolean {
  return OVERLOAD_STATUSES.includes(status);
}
