/** Servers of the frameworks under test, in this process. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { shutDown } from '@fusewire/operations/server';
import { contractProgram } from '@fusewire/testing/server';
import type { ContractProgram, RunningServer, ServerAdapter } from '@fusewire/testing/server';

/** Application of a framework: its listener for Node, and the parts of the management API to close. */
export interface Application {
  readonly listener: RequestListener;
  readonly management: readonly { close(): void }[];
}

/** Returns the adapter of a framework whose applications are listeners for Node. */
export function listenerAdapter(
  name: string,
  create: (program: ContractProgram, basePath: string) => Application,
): ServerAdapter {
  return {
    name,
    async start(basePath) {
      const { listener, management } = create(contractProgram(), basePath);
      const server = createServer(listener);
      return { origin: await listening(server), close: () => closed(server, management) };
    },
  };
}

/** Resolves with the address of a server, once it listens. */
async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function closed(server: Server, management: Application['management']): Promise<void> {
  const hasEnded = await shutDown(server, { management, grace: 20_000 });
  if (!hasEnded) throw new Error('requests were cut off');
}

export type { RunningServer };
