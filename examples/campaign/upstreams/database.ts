import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';

/** Behaviour of the database: it works; is away; never answers; or cuts the next connection that commits, after the commit. */
export type DatabaseBehaviour = 'up' | 'outage' | 'hang' | 'lose-commit';

/** Message `COMMIT` of the protocol, in a simple query. */
const COMMIT = Buffer.from('COMMIT\0');

/** PostgreSQL on 127.0.0.1, behind a proxy that misbehaves on demand. Without `url`, it is a PGlite of its own. */
export class UnreliableDatabase {
  lostCommits = 0;
  readonly #proxy = createServer((client) => this.#forward(client));
  readonly #sockets = new Set<Socket>();
  readonly #close: () => Promise<void>;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #url: URL;
  #behaviour: DatabaseBehaviour = 'up';

  private constructor(url: URL, close: () => Promise<void>) {
    this.#url = url;
    this.#target = { host: url.hostname, port: Number(url.port || 5432) };
    this.#close = close;
  }

  static async start(url?: string): Promise<UnreliableDatabase> {
    const own = url === undefined ? await startServer() : undefined;
    const database = new UnreliableDatabase(new URL(url ?? own!.url), async () => own?.close());
    database.#proxy.listen(0, '127.0.0.1');
    await once(database.#proxy, 'listening');
    return database;
  }

  /** Connection string of the proxy. */
  get url(): string {
    const url = new URL(this.#url);
    url.hostname = '127.0.0.1';
    url.port = String((this.#proxy.address() as AddressInfo).port);
    return url.href;
  }

  behave(behaviour: DatabaseBehaviour): void {
    this.#behaviour = behaviour;
    if (behaviour === 'outage' || behaviour === 'up') this.#cutHanging(behaviour === 'outage');
  }

  async close(): Promise<void> {
    this.#cutHanging(true);
    this.#proxy.close();
    await once(this.#proxy, 'close');
    await this.#close();
  }

  #cutHanging(all: boolean): void {
    for (const socket of this.#sockets) if (all || socket.isPaused()) socket.destroy();
  }

  #forward(client: Socket): void {
    this.#sockets.add(client);
    client.on('close', () => this.#sockets.delete(client)).on('error', ignore);
    if (this.#behaviour === 'outage') return void client.destroy();
    const server = createConnection(this.#target);
    server.on('error', () => client.destroy()).on('close', () => client.destroy());
    client.on('close', () => server.destroy());
    let isLosing = false;
    client.on('data', (data) => {
      if (this.#behaviour === 'hang') return void client.pause();
      if (this.#behaviour === 'lose-commit' && data.includes(COMMIT)) {
        this.#behaviour = 'up';
        this.lostCommits++;
        isLosing = true;
      }
      server.write(data);
    });
    server.on('data', (data) => {
      // The commit is done; its answer gets lost.
      if (isLosing) return void client.destroy();
      client.write(data);
    });
  }
}

/** Starts PGlite behind a socket. It has one session for all connections, and so knows no prepared statements of theirs. */
async function startServer() {
  const db = await PGlite.create();
  const server = new PGLiteSocketServer({ db, host: '127.0.0.1', port: 0, maxConnections: 50 });
  await server.start();
  return {
    url: `postgres://postgres@${server.getServerConn()}/postgres`,
    async close() {
      await server.stop();
      await db.close();
    },
  };
}

const ignore = () => undefined;
