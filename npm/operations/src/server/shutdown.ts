import { readOptions } from 'fusewire/kit';
import { isFunction } from '../health/options.ts';

/** Server of Node whose idle connections can be closed. */
export interface IdleServer {
  closeIdleConnections(): void;
  once(event: 'close', listener: () => void): unknown;
}

/** Server of Node, as far as its shutdown needs it. */
export interface ClosableServer extends IdleServer {
  close(closed: (error?: Error) => void): unknown;
  closeAllConnections(): void;
}

/** Options of {@link shutDown}. */
export interface ShutdownOptions {
  /** Handlers of the management API, whose streams end at once. Default: none. */
  readonly management?: readonly { close(): void }[] | undefined;
  /** Milliseconds that requests in flight have to end, before their connections are closed. Default 10 000. */
  readonly grace?: number | undefined;
}

/** Milliseconds between two looks for connections that have become idle: Node keeps them open for seconds. */
const LOOK = 50;

/**
 * Shuts down a server: accepts no connection, ends the streams of the management API, and lets the requests in flight end.
 * Resolves with whether all of them have ended within `grace`; the connections of the others were closed.
 *
 * @throws {OptionsError} with every problem of the options.
 */
export async function shutDown(server: ClosableServer, options: ShutdownOptions = {}): Promise<boolean> {
  const reader = readOptions('Shutdown', 'shutdown', options);
  const grace = reader.milliseconds('grace') ?? 10_000;
  const handlers = readHandlers(reader.value('management'), (expected) =>
    reader.report('management', 'type', expected),
  );
  reader.finish();
  for (const handler of handlers) handler.close();
  let hasEnded = true;
  closeIdleUntilClosed(server);
  const closing = setTimeout(() => {
    hasEnded = false;
    server.closeAllConnections();
  }, grace);
  try {
    await new Promise<void>((resolve) => void server.close(() => resolve()));
  } finally {
    clearTimeout(closing);
  }
  return hasEnded;
}

/** Closes connections as they become idle, until the server is closed, which somebody has begun or is about to begin. */
export function closeIdleUntilClosed(server: IdleServer): void {
  const looking = setInterval(() => server.closeIdleConnections(), LOOK);
  looking.unref();
  server.once('close', () => clearInterval(looking));
}

function readHandlers(value: unknown, report: (expected: string) => void): readonly { close(): void }[] {
  if (value === undefined) return [];
  const isClosable = (one: unknown) => isFunction((one as { close?: unknown } | null | undefined)?.close);
  if (Array.isArray(value) && value.every(isClosable)) return value as { close(): void }[];
  report('a list of handlers made by management()');
  return [];
}
