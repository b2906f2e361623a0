/** TCP proxy on the loopback interface that can part a worker from its server. */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds after which the server closes a connection whose other end is gone. */
const SERVER_KEEPS = 2_000;

/**
 * Failures of a network: `cut` resets every connection, and refuses new ones; `pause` delivers everything at the end; after `lose`
 * the connections of before and of that time never deliver anything again, and are never reset; `mute` delivers requests and loses
 * the answers, and resets every connection at the end; `slow` delays everything.
 */
export const PARTITIONS = ['cut', 'pause', 'lose', 'mute', 'slow'] as const;
export type Partition = (typeof PARTITIONS)[number];

interface Pair {
  readonly client: Socket;
  readonly upstream: Socket;
  isLost: boolean;
  /** Chunks that a pause holds up. */
  held: (() => void)[];
  /** Chunks on their slow way: requests, and answers. None overtakes the one before. */
  readonly late: readonly [requests: (() => void)[], answers: (() => void)[]];
}

export class Proxy {
  readonly #server: Server;
  readonly #target: number;
  readonly #pairs = new Set<Pair>();
  #fault: Partition | undefined;
  /** Milliseconds by which everything is late. */
  #lag = 0;

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((client) => this.#accept(client));
  }

  static async to(port: number): Promise<Proxy> {
    const proxy = new Proxy(port);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Lets the network fail for so many milliseconds. */
  async fail(partition: Partition, duration: number, lag = 0): Promise<void> {
    this.#fault = partition;
    this.#lag = lag;
    if (partition === 'cut') for (const pair of this.#pairs) this.#reset(pair);
    await delay(duration);
    this.#fault = undefined;
    this.#lag = 0;
    for (const pair of this.#pairs) {
      if (partition === 'pause') for (const deliver of pair.held.splice(0)) deliver();
      if (partition === 'lose') this.#lose(pair);
      if (partition === 'mute') this.#reset(pair);
    }
  }

  close(): void {
    for (const pair of this.#pairs) this.#reset(pair);
    this.#server.close();
  }

  #accept(client: Socket): void {
    if (this.#fault === 'cut') return void client.resetAndDestroy();
    const upstream = connect(this.#target, '127.0.0.1');
    const pair: Pair = { client, upstream, isLost: false, held: [], late: [[], []] };
    this.#pairs.add(pair);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.setNoDelay(true);
      from.on('data', (chunk) => this.#forward(pair, from === upstream, () => to.write(chunk)));
      from.on('error', () => undefined);
      from.on('close', () => {
        if (from === client) this.#pairs.delete(pair);
        this.#forward(pair, from === upstream, () => to.destroy());
      });
    }
  }

  #forward(pair: Pair, isAnswer: boolean, deliver: () => void): void {
    if (pair.isLost || (this.#fault === 'mute' && isAnswer)) return;
    if (this.#fault === 'pause' || this.#fault === 'lose') pair.held.push(deliver);
    else this.#deliver(pair.late[isAnswer ? 1 : 0], deliver);
  }

  /** Delivers after the lag, and after the chunks before. */
  #deliver(late: (() => void)[], deliver: () => void): void {
    if (this.#lag === 0 && late.length === 0) return deliver();
    late.push(deliver);
    setTimeout(() => late.shift()?.(), this.#lag);
  }

  #lose(pair: Pair): void {
    pair.isLost = true;
    pair.held = [];
    this.#pairs.delete(pair);
    setTimeout(() => pair.upstream.destroy(), SERVER_KEEPS).unref();
  }

  #reset({ client, upstream }: Pair): void {
    client.resetAndDestroy();
    upstream.resetAndDestroy();
  }
}
