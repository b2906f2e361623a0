import type { Refusal } from '@fusewire/operations/server';
import type { ExpressResponse } from './express.ts';

const late = new WeakSet<object>();

/** Sends a refusal. */
export function sendRefusal(response: ExpressResponse, { status, headers, document }: Refusal): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.end(JSON.stringify(document));
}

/** Sends a refusal while the route is still running. What the route does afterwards is ignored. */
export function sendEarly(response: ExpressResponse, refusal: Refusal): void {
  late.add(response);
  sendRefusal(response, refusal);
}

/** Whether {@link sendEarly} has answered a request. */
export function isAnsweredEarly(response: ExpressResponse): boolean {
  return late.has(response);
}
