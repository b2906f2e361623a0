const late = new WeakSet<object>();

/** Notes that a request was answered while its route was still running. */
export function markAnswered(response: object): void {
  late.add(response);
}

/** Whether a request was answered while its route was still running, so that what the route does now is ignored. */
export function isAnswered(response: { readonly headersSent: boolean }): boolean {
  return response.headersSent && late.has(response);
}
