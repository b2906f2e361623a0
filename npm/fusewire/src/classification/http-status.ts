/** Returns the HTTP status of an error: its `status`, its `statusCode`, or the `status` of its `response`. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { status, statusCode, response } = error as Readonly<Record<string, unknown>>;
  if (typeof status === 'number') return status;
  if (typeof statusCode === 'number') return statusCode;
  if (typeof response !== 'object' || response === null) return undefined;
  const { status: responseStatus } = response as { readonly status?: unknown };
  return typeof responseStatus === 'number' ? responseStatus : undefined;
}

/** Whether an HTTP status reports a wrong request, and not a dependency that fails: 400 to 499, other than 408 and 429. */
export function isClientErrorStatus(status: number | undefined): boolean {
  return status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429;
}
