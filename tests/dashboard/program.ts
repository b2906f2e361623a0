/** A program with a dashboard, for a browser. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BreakerRegistry } from 'fusewire';
import type { BreakerRegistryOptions } from 'fusewire';
import { memoryQueue } from 'fusewire/queue';
import type { Queue } from 'fusewire/queue';
import { dashboard } from '@fusewire/operations/dashboard';
import { eventLog, memoryEventSink } from '@fusewire/operations/events';
import type { EventLog } from '@fusewire/operations/events';
import { management, nodeListener } from '@fusewire/operations/management';
import type { ManagementHandler, ManagementOptions } from '@fusewire/operations/management';

/** Program with breakers, an event log, a queue and a dashboard. */
export interface Program {
  readonly breakers: BreakerRegistry;
  readonly events: EventLog;
  readonly queue: Queue;
  readonly handler: ManagementHandler;
  /** Address of the program, with a slash at its end. */
  readonly origin: string;
  /** Address of the dashboard. */
  readonly url: string;
  /** Fails calls of a breaker until its circuit is open. */
  fail(name: string, message?: string): Promise<void>;
  /** Stops the server, and cuts its connections. */
  stop(): Promise<void>;
  /** Starts the server at the same address again. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a program with some breakers. */
export async function startProgram(
  names: readonly string[],
  options: Partial<ManagementOptions> = {},
  defaults: BreakerRegistryOptions['defaults'] = { failureThreshold: 3, resetTimeout: 3_600_000 },
): Promise<Program> {
  const breakers = new BreakerRegistry({ max: 10_000, defaults });
  for (const name of names) breakers.for(name);
  const events = eventLog({ sinks: [memoryEventSink()] });
  events.watch(breakers);
  const queue = memoryQueue();
  const handler = management({
    registry: breakers,
    events,
    queues: { mail: queue },
    dashboard: dashboard(),
    basePath: '/ops',
    authorize: () => ({ who: 'ana' }),
    readsPerMinute: false,
    ...options,
  });
  const server = createServer(nodeListener(handler));
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}/`;
  return {
    breakers,
    events,
    queue,
    handler,
    origin,
    url: `${origin}ops/dashboard`,
    async fail(name, message = 'connect ECONNREFUSED') {
      const breaker = breakers.for(name);
      while (breaker.state === 'CLOSED')
        await breaker.execute(() => Promise.reject(new Error(message))).catch(() => undefined);
    },
    stop: () => stop(server),
    start: () => listen(port),
    async close() {
      handler.close();
      await Promise.all([stop(server), events.close(), queue.close()]);
    },
  };
}

async function stop(server: Server): Promise<void> {
  if (!server.listening) return;
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}
