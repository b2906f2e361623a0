/** Real servers for the tests, on a free port of the loopback interface, which end with the test. */
import { execFileSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { interruptible, spawnGroup } from '../../.ci/lib/processes.mjs';
import { findPostgres, findRedis, POSTGRES_ADVICE, REDIS_ADVICE } from '../../.ci/lib/servers.mjs';

interruptible();

/** A server that runs. */
export interface Server {
  readonly port: number;
  /** Ends it without a chance to tidy up, and starts it again. */
  crash(): Promise<void>;
  /** Ends it, and throws away what it kept. */
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
  const command = [program, '--port', String(port), '--bind', '127.0.0.1', '--dir', folder, ...durable];
  return LocalServer.start({ command, folder, port, ready: /Ready to accept connections/, end: 'SIGKILL' });
}

/** A PostgreSQL server; its superuser is `postgres`, without a password. */
export async function startPostgres(): Promise<Server> {
  const programs = findPostgres();
  if (programs === undefined) throw new Error(POSTGRES_ADVICE);
  const folder = mkdtempSync(join(tmpdir(), 'fusewire-postgres-'));
  const data = join(folder, 'data');
  const as = unprivileged(folder);
  const initialise = [...as, join(programs, 'initdb'), '-D', data, '-A', 'trust', '-U', 'postgres', '--no-sync'];
  execFileSync(initialise[0] as string, initialise.slice(1), { stdio: ['ignore', 'ignore', 'inherit'], cwd: folder });
  const port = await freePort();
  const settings = ['-p', String(port), '-k', folder, '-c', 'listen_addresses=127.0.0.1'];
  const command = [...as, join(programs, 'postgres'), '-D', data, ...settings];
  const ready = /database system is ready to accept connections/;
  // Its children outlive a postmaster that is killed. Told to quit, all of them end as they stand.
  return LocalServer.start({ command, folder, port, ready, end: 'SIGQUIT' });
}

/** PostgreSQL refuses to run as root. */
function unprivileged(folder: string): string[] {
  if (process.getuid?.() !== 0) return [];
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  chownSync(folder, id('-u'), id('-g'));
  return ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups'];
}

interface Settings {
  readonly command: readonly string[];
  readonly folder: string;
  readonly port: number;
  readonly ready: RegExp;
  readonly end: NodeJS.Signals;
}

class LocalServer implements Server {
  readonly port: number;
  readonly #settings: Settings;
  #child: ChildProcess | undefined;

  private constructor(settings: Settings) {
    this.port = settings.port;
    this.#settings = settings;
  }

  static async start(settings: Settings): Promise<Server> {
    const server = new LocalServer(settings);
    await server.#start();
    return server;
  }

  async crash(): Promise<void> {
    await this.#end();
    await this.#start();
  }

  async stop(): Promise<void> {
    await this.#end();
    rmSync(this.#settings.folder, { recursive: true, force: true, maxRetries: 10 });
  }

  async #start(): Promise<void> {
    const { command, folder, ready } = this.#settings;
    const [program, ...args] = command as [string, ...string[]];
    const child = spawnGroup(program, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] }) as ChildProcess;
    this.#child = child;
    await isReady(child, ready);
  }

  async #end(): Promise<void> {
    const closed = once(this.#child as ChildProcess, 'close');
    this.#child?.kill(this.#settings.end);
    await closed;
  }
}

/** Waits until a program says that it is ready. */
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
