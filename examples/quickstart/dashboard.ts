// Dashboard of the demo: the management API, on 127.0.0.1.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CircuitBreaker } from 'fusewire';
import { dashboard } from '@fusewire/operations/dashboard';
import { eventLog, memoryEventSink } from '@fusewire/operations/events';
import { management, nodeListener } from '@fusewire/operations/management';

/** Serves a dashboard of some breakers, as long as the process lives. Resolves with its address. */
export async function serveDashboard(breakers: readonly CircuitBreaker[]): Promise<string> {
  const events = eventLog({ sinks: [memoryEventSink()] });
  for (const breaker of breakers) events.watch(breaker);
  const handler = management({
    registry: new Map(breakers.map((breaker) => [breaker.name, breaker])),
    events,
    dashboard: dashboard(),
    // Everybody who can reach this port of the demo may do everything. A real program asks who it is.
    authorize: () => ({ who: 'you' }),
  });
  const server = createServer(nodeListener(handler));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/dashboard`;
}
