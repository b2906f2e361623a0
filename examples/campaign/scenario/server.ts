import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startUpstreams } from '../upstreams/process.ts';
import type { Upstreams } from '../upstreams/process.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const NEXT = path.join(ROOT, 'node_modules/next/dist/bin/next');
const SOURCES = [
  'app/**/*.*',
  'lib/**/*.ts',
  '*.ts',
  'package-lock.json',
  'node_modules/{fusewire,@fusewire/*}/package.json',
];

/** Token of the administrator in scenarios. */
export const TOKEN = 'admin-token';

/** Builds the application, unless its build is newer than its sources. */
export function build(): void {
  const time = (file: string) => statSync(path.join(ROOT, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const built = time('.next/BUILD_ID');
  if (SOURCES.flatMap((pattern) => globSync(pattern, { cwd: ROOT })).every((file) => time(file) < built)) return;
  console.log('next build: takes up to a minute …');
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' as const };
  execFileSync(process.execPath, [NEXT, 'build'], { cwd: ROOT, env, stdio: 'pipe' });
}

/** Running application. */
export interface Application {
  readonly url: string;
  /** Lines that it has printed. */
  readonly output: () => string;
  /** Sends a request as anybody. */
  send(method: 'GET' | 'POST', address: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Sends a request as the administrator. */
  admin(method: 'GET' | 'POST', address: string, body?: unknown): Promise<Answer>;
  close(): Promise<void>;
}

/** Response of the application. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // Each endpoint has another body.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

/** Starts the application that was built. Rejects with its output if it ends instead. */
export async function startApplication(
  variables: Readonly<Record<string, string>>,
  port?: number,
): Promise<Application> {
  const listening = port ?? (await freePort());
  const env = { ...process.env, ...variables, NODE_ENV: 'production' as const, NEXT_TELEMETRY_DISABLED: '1' };
  const command = [NEXT, 'start', '--hostname', '127.0.0.1', '--port', String(listening)];
  const child = spawn(process.execPath, command, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const url = `http://127.0.0.1:${listening}`;
  const send: Application['send'] = async (method, address, body, headers = {}) => {
    const response = await fetch(url + address, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = (response.headers.get('content-type') ?? '').includes('json');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  };
  const application: Application = {
    url,
    output: () => output,
    send,
    admin: (method, address, body) =>
      send(method, address, body, { authorization: `Bearer ${TOKEN}`, 'x-operator': 'jane' }),
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      await exit;
    },
  };
  // The probe answers once the program has started.
  for (;;) {
    if (child.exitCode !== null) throw new Error(`The application has ended: ${output}`);
    const isLive = await send('GET', '/api/ops/health/live').then(
      ({ status }) => status === 200,
      () => false,
    );
    if (isLive) return application;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Starts upstreams and application, with short open times so that a scenario takes seconds. */
export async function startAll(more: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), 'campaign-'));
  const upstreams: Upstreams = await startUpstreams();
  const application = await startApplication({
    ...upstreams.variables,
    ADMIN_TOKEN: TOKEN,
    SPOOL: path.join(folder, 'spool.db'),
    BREAKER_RESET_TIMEOUT: '5000',
    BREAKER_TIMEOUT: '3000',
    ...more,
  });
  return {
    application,
    upstreams,
    async close() {
      await application.close();
      await upstreams.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Everything that a scenario needs. */
export type Running = Awaited<ReturnType<typeof startAll>>;

/** Waits until a condition holds. Rejects after 20 seconds. */
export async function until(what: string, condition: () => unknown): Promise<void> {
  const end = performance.now() + 20_000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`This did not happen within 20 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
