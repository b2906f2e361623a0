import { setTimeout as delay } from 'node:timers/promises';
import type { RunningServer, ServerAdapter } from './adapter.ts';
import type { ContractReport } from './program.ts';

/** Milliseconds until a condition must hold, on a busy machine. */
const PATIENCE = 15_000;

/** Resolves with the response to a request, its body read as text. */
export async function ask(
  origin: string,
  path: string,
  init?: RequestInit,
): Promise<{ readonly status: number; readonly headers: Headers; readonly text: string }> {
  const late = AbortSignal.timeout(PATIENCE);
  const signal = init?.signal ? AbortSignal.any([init.signal, late]) : late;
  const response = await fetch(`${origin}${path}`, { ...init, signal });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** Resolves with the report of the program. */
export async function reportOf(origin: string): Promise<ContractReport> {
  const { text } = await ask(origin, '/report');
  return JSON.parse(text) as ContractReport;
}

/** Resolves with the first report that is as `isExpected` says. */
export async function reportWhen(
  origin: string,
  isExpected: (report: ContractReport) => boolean,
): Promise<ContractReport> {
  const end = performance.now() + PATIENCE;
  for (;;) {
    const report = await reportOf(origin);
    if (isExpected(report) || performance.now() > end) return report;
    await delay(100);
  }
}

/** Runs a test with a server, and closes the server afterwards. */
export async function withServer(
  adapter: ServerAdapter,
  basePath: string,
  test: (server: RunningServer) => Promise<void>,
): Promise<void> {
  const server = await adapter.start(basePath);
  try {
    await test(server);
  } finally {
    await server.close();
  }
}
