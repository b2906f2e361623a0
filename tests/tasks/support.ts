import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** A service on 127.0.0.1. */
export interface Service {
  readonly url: string;
  /** Times at which requests arrived, in milliseconds. */
  readonly requests: readonly number[];
}

/** Starts a service that ends with the test. */
export async function serve(
  t: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Service> {
  const requests: number[] = [];
  const server = createServer((request, response) => {
    requests.push(performance.now());
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

/** Work whose dependency is down. */
export function failing(): Promise<string> {
  return Promise.reject(new Error('down'));
}
