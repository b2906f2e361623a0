/** Servers of Redis and PostgreSQL for tests, on a free port of the loopback interface. They end with the test. */
import { execFileSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { interruptible, spawnGroup } from '../../.ci/lib/processes.mjs';
import { findPostgres, findRedis, POSTGRES_ADVICE, REDIS_ADVICE } from '../../.ci/lib/servers.mjs';
import { freePort } from '../runtimes/free-port.ts';

interruptible();

/** A running server. */
export interface Server {
  readonly port: number;
  /** Kills the server, and starts it again with the same data. */
  crash(): Promise<void>;
  /** Stops the server, and deletes its data. A server that was stopped stays so. */
  stop(): Promise<void>;
}

/** Longest time that a server may take to start, in seconds: a busy machine takes long. */
const SECONDS = 120;
/** Number of ports to try, since another process may take a free port before the server does. */
const PORTS_TO_TRY = 3;

/** Starts a Redis server that writes each command to the disk before it acknowledges it. */
export async function startRedis(): Promise<Server> {
  const program = findRedis();
  if (program === undefined) throw new Error(REDIS_ADVICE);
  const folder = mkdtempSync(join(tmpdir(), 'fusewire-redis-'));
  const durable = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];
  const ready = /Ready to accept connections/;
  return onFreePort((port) => {
    const command = [program, '--port', String(port), '--bind', '127.0.0.1', '--dir', folder, ...durable];
    return LocalServer.start({ command, folder, port, ready, end: 'SIGKILL' });
  });
}

/** Starts a PostgreSQL server. Its superuser is `postgres`, without a password. */
export async function startPostgres(): Promise<Server> {
  const programs = findPostgres();
  if (programs === undefined) throw new Error(POSTGRES_ADVICE);
  const folder = mkdtempSync(join(tmpdir(), 'fusewire-postgres-'));
  const data = join(folder, 'data');
  const as = unprivileged(folder);
  const initialise = [...as, join(programs, 'initdb'), '-D', data, '-A', 'trust', '-U', 'postgres', '--no-sync'];
  execFileSync(initialise[0] as string, initialise.slice(1), { stdio: ['ignore', 'ignore', 'inherit'], cwd: folder });
  const ready = /database system is ready to accept connections/;
  return onFreePort((port) => {
    const settings = ['-p', String(port), '-k', folder, '-c', 'listen_addresses=127.0.0.1'];
    const command = [...as, join(programs, 'postgres'), '-D', data, ...settings];
    // SIGQUIT ends the server and its children without a shutdown. After SIGKILL the children would go on.
    return LocalServer.start({ command, folder, port, ready, end: 'SIGQUIT' });
  });
}

/** Returns the words before a command that run it as the user postgres: PostgreSQL refuses to run as root. */
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
  /** Signal that ends the server at once. */
  readonly end: NodeJS.Signals;
}

/** A server that runs as a child process. */
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
    await untilReady(child, ready);
  }

  async #end(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    const closed = once(child, 'close');
    child.kill(this.#settings.end);
    await closed;
  }
}

/** Resolves when the output of a program matches `ready`. Rejects if the program ends before, or takes too long. */
function untilReady(child: ChildProcess, ready: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    const late = setTimeout(() => reject(new Error(`not ready after ${SECONDS} s:\n${output}`)), SECONDS * 1_000);
    const settle = (act: () => void) => {
      clearTimeout(late);
      act();
    };
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (ready.test(output)) settle(resolve);
      });
    }
    child.once('error', (error) => settle(() => reject(error)));
    child.once('close', (code) => settle(() => reject(new Error(`ended with ${code}:\n${output}`))));
  });
}

/** Starts a server on a free port, and on another one if the first is taken meanwhile. */
async function onFreePort(start: (port: number) => Promise<Server>): Promise<Server> {
  for (let tries = 1; ; tries++) {
    try {
      return await start(await freePort());
    } catch (error) {
      if (tries === PORTS_TO_TRY || !/in use/i.test(String(error))) throw error;
    }
  }
}
