/** That nothing is lost whenever a process is killed. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Queue } from 'fusewire';
import { interruptible, spawnGroup } from '../../.ci/lib/processes.mjs';

interruptible();

const WORKERS = ['a', 'b'];
const KILLS_EACH = 20;
/** Milliseconds that a worker lives at most, from when it is ready. */
const LONGEST_LIFE = 250;
const SERVER_CRASHES = 5;

/** A store of queues that processes of their own use. */
export interface Subject {
  readonly name: string;
  /** The TypeScript file of a worker: it is given where the store is, the folder, who it is and whether it is the last. */
  readonly program: string;
  where(): string;
  open(): Queue;
  /** Ends the server of the store without a chance to tidy up, and starts it again. */
  crash?(): Promise<void>;
}

/**
 * Two workers at a time put operations off and do them, and are killed at random instants, and so is the server; in the end
 * everything that was acknowledged was done.
 */
export function survivesKills({ name, program, where, open, crash }: Subject): void {
  it(`a queue in ${name} loses nothing over kill -9`, async (test) => {
    const folder = mkdtempSync(join(tmpdir(), 'fusewire-kills-'));
    mkdirSync(join(folder, 'effects'));
    const run = (who: string, isLast: boolean) => new Worker([program, where(), folder, who, String(isLast)]);
    const killAgainAndAgain = async (who: string) => {
      for (let kill = 0; kill < KILLS_EACH; kill++) {
        const worker = run(who, false);
        await worker.ready;
        await delay(Math.random() * LONGEST_LIFE);
        await worker.kill();
      }
    };
    const crashAgainAndAgain = async () => {
      for (let count = 0; count < (crash === undefined ? 0 : SERVER_CRASHES); count++) {
        await delay(500 + Math.random() * 500);
        await crash?.();
      }
    };
    await Promise.all([...WORKERS.map(killAgainAndAgain), crashAgainAndAgain()]);
    for (const who of WORKERS) await run(who, true).end();

    const read = (name: string) => readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1);
    const intended = WORKERS.flatMap((who) => read(`intended-${who}`));
    const acknowledged = new Set(WORKERS.flatMap((who) => read(`acknowledged-${who}`)));
    const applied = read('applied');
    const done = new Set(applied);
    const lost = [...acknowledged].filter((key) => !done.has(key));
    test.diagnostic(
      `${WORKERS.length * KILLS_EACH} kills${crash === undefined ? '' : ` and ${SERVER_CRASHES} of the server`}, ${acknowledged.size} acknowledged, ${applied.length} done, ` +
        `${applied.length - done.size} of them again, ${lost.length} lost`,
    );
    assert.deepEqual(lost, []);
    assert.equal(acknowledged.size, intended.length);
    assert.ok(intended.length >= WORKERS.length * KILLS_EACH, `only ${intended.length} operations`);
    assert.deepEqual([...done].toSorted(), intended.toSorted());
    assert.deepEqual(readdirSync(join(folder, 'effects')).toSorted(), intended.toSorted());
    const queue = open();
    assert.deepEqual(await queue.size(), { waiting: 0, leased: 0, dead: 0 });
    await queue.close();
    rmSync(folder, { recursive: true });
  });
}

/** A process that works until it is killed. */
class Worker {
  readonly ready: Promise<void>;
  readonly #child;
  readonly #closed: Promise<[number | null, NodeJS.Signals | null]>;

  constructor(args: readonly string[]) {
    const stdio = ['ignore', 'pipe', 'inherit'];
    const child = spawnGroup(process.execPath, ['--no-warnings', ...args], { stdio }) as ChildProcess;
    this.#child = child;
    this.#closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
    const ended = this.#closed.then(([code, signal]) => {
      throw new Error(`the worker ended by itself, with ${code ?? signal}`);
    });
    this.ready = Promise.race([once(child.stdout as Readable, 'data').then(() => undefined), ended]);
    this.ready.catch(() => undefined);
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    const [code, signal] = await this.#closed;
    assert.equal(signal, 'SIGKILL', `the worker ended before it was killed, with ${code}`);
  }

  /** Waits until it ends by itself. */
  async end(): Promise<void> {
    assert.deepEqual(await this.#closed, [0, null]);
  }
}
