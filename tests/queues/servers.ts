/** Real servers for the tests, on a free port of the loopback interface, which end with the test. */
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findPostgres, findRedis, POSTGRES_ADVICE, REDIS_ADVICE } from '../../.ci/lib/servers.mjs';

/** A server that runs. */
export interface Server {
  readonly port: number;
  /** Ends it at once, and throws away what it kept. */
  stop(): Promise<void>;
}

const SECONDS = 30;

/** A Redis server that loses nothing it has acknowledged. */
export async function startRedis(): Promise<Server> {
  const program = findRedis();
  if (program === undefined) throw new Error(REDIS_ADVICE);
  const folder = mkdtempSync(join(tmpdir(), 'fusewire-redis-'));
  const port = await freePort();
  const durable = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];
  const own = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder];
  return run(program, [...own, ...durable], folder, port, /Ready to accept connections/);
}

/** A PostgreSQL server; its superuser is `postgres`, without a password. */
export async function startPostgres(): Promise<Server> {
  const programs = findPostgres();
  if (programs === undefined) throw new Error(POSTGRES_ADVICE);
  const folder = mkdtempSync(join(tmpdir(), 'fusewire-postgres-'));
  const data = join(folder, 'data');
  const as = unprivileged(folder);
  const initialise = [join(programs, 'initdb'), '-D', data, '-A', 'trust', '-U', 'postgres', '--no-sync'];
  const [program, ...args] = [...as, ...initialise] as [string, ...string[]];
  execFileSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'], cwd: folder });
  const port = await freePort();
  const settings = ['-p', String(port), '-k', folder, '-c', 'listen_addresses=127.0.0.1'];
  const [server, ...rest] = [...as, join(programs, 'postgres'), '-D', data, ...settings] as [string, ...string[]];
  return run(server, rest, folder, port, /database system is ready to accept connections/);
}

/** PostgreSQL refuses to run as root. */
function unprivileged(folder: string): string[] {
  if (process.getuid?.() !== 0) return [];
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  chownSync(folder, id('-u'), id('-g'));
  return ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups'];
}

/** Starts a program and waits until it says that it is ready. */
async function run(program: string, args: string[], folder: string, port: number, ready: RegExp): Promise<Server> {
  const child = spawn(program, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  const closed = new Promise((resolve) => child.once('close', resolve));
  await isReady(child, ready);
  return {
    port,
    async stop() {
      process.off('exit', end);
      // A postmaster that is killed leaves its children behind for a moment; told to end at once it takes them along.
      child.kill('SIGQUIT');
      await Promise.race([closed, delay(5_000, undefined, { ref: false })]);
      end();
      await closed;
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

function isReady(child: ChildProcess, ready: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let told = '';
    const late = setTimeout(() => reject(new Error(`not ready after ${SECONDS} s:\n${told}`)), SECONDS * 1_000);
    const settle = (act: () => void) => {
      clearTimeout(late);
      act();
    };
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        told += text;
        if (ready.test(told)) settle(resolve);
      });
    }
    child.once('error', (error) => settle(() => reject(error)));
    child.once('close', (code) => settle(() => reject(new Error(`ended with ${code}:\n${told}`))));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
