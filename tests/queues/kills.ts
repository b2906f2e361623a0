/** Test that a queue loses no acknowledged message when processes are killed. */
import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Queue } from 'fusewire/queue';
import { interruptible, spawnGroup } from '../../.ci/lib/processes.mjs';
import { Random } from '../storm/random.ts';

interruptible();

/** Seed of all random numbers of the test. */
const SEED = Number(process.env['FUSEWIRE_SEED'] ?? 20_260_701);
const WORKERS = ['a', 'b'];
const KILLS_EACH = 20;
/** Largest number of operations that a worker begins before it is killed. */
const MOST_OPERATIONS = 20;
/** Longest time from the last of them to the kill, in milliseconds. */
const LONGEST_DELAY = 30;
const SERVER_CRASHES = 5;

/** A store whose queue several processes use. */
export interface Subject {
  readonly name: string;
  /**
   * Path of the TypeScript file of a worker. Its arguments: the location of the store, the folder of the log files, the
   * name of the worker, and whether it is the last run.
   */
  readonly program: string;
  where(): string;
  open(): Queue;
  /** Kills the server of the store, and starts it again. */
  crash?(): Promise<void>;
}

/**
 * Tests that every acknowledged operation is done in the end, although two workers, which enqueue operations
 * and whose consumer starts once with each process, are killed again and again, and the server of the store as well.
 *
 * A worker is killed a random time after a random number of operations. A slow machine thus changes how long the test
 * takes, but not how much is under way when a kill comes.
 */
export function survivesKills({ name, program, where, open, crash }: Subject): void {
  it(`a queue in ${name} loses nothing over kill -9`, async (test) => {
    test.diagnostic(`FUSEWIRE_SEED=${SEED}`);
    const folder = mkdtempSync(join(tmpdir(), 'fusewire-kills-'));
    mkdirSync(join(folder, 'effects'));
    const run = (who: string, isLast: boolean) => new Worker([program, where(), folder, who, String(isLast)]);
    const random = new Random(SEED);
    const crashes = crash === undefined ? 0 : SERVER_CRASHES;
    const crashing = new CrashSchedule(crashes, random.fork(), crash ?? (() => Promise.resolve()));
    const killRepeatedly = async (who: string, random: Random) => {
      for (let kill = 0; kill < KILLS_EACH; kill++) {
        const worker = run(who, false);
        await worker.hasBegun(1 + random.below(MOST_OPERATIONS));
        crashing.advance();
        await delay(random.between(0, LONGEST_DELAY));
        await worker.kill();
      }
    };
    await Promise.all(WORKERS.map((who) => killRepeatedly(who, random.fork())));
    await crashing.end();
    for (const who of WORKERS) await run(who, true).end();

    const read = (name: string) => readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1);
    const intended = WORKERS.flatMap((who) => read(`intended-${who}`));
    const acknowledged = new Set(WORKERS.flatMap((who) => read(`acknowledged-${who}`)));
    const applied = read('applied');
    const done = new Set(applied);
    const lost = [...acknowledged].filter((key) => !done.has(key));
    test.diagnostic(
      `${WORKERS.length * KILLS_EACH} kills${crash === undefined ? '' : ` and ${crashes} of the server`}, ` +
        `${acknowledged.size} acknowledged, ${applied.length} done, ` +
        `${applied.length - done.size} of them again, ${lost.length} lost`,
    );
    assert.deepEqual(lost, []);
    assert.equal(acknowledged.size, intended.length);
    assert.ok(intended.length >= WORKERS.length * KILLS_EACH, `only ${intended.length} operations`);
    assert.deepEqual([...done].toSorted(), intended.toSorted());
    assert.deepEqual(readdirSync(join(folder, 'effects')).toSorted(), intended.toSorted());
    const queue = open();
    assert.deepEqual(await queue.size(), { waiting: 0, running: 0, dead: 0, oldestAge: null });
    await queue.close();
    rmSync(folder, { recursive: true });
  });
}

/** Crashes of the server, spread at random over the kills of the workers; one at a time. */
class CrashSchedule {
  readonly #crash: () => Promise<void>;
  /** Numbers of kills before which the server crashes. */
  readonly #before = new Set<number>();
  #kills = 0;
  #crashing: Promise<void> = Promise.resolve();

  constructor(count: number, random: Random, crash: () => Promise<void>) {
    this.#crash = crash;
    const stretch = (WORKERS.length * KILLS_EACH) / Math.max(1, count);
    for (let index = 0; index < count; index++) this.#before.add(Math.floor(index * stretch) + random.below(stretch));
  }

  /** Counts one kill, which is about to come, and crashes the server if it is time. */
  advance(): void {
    if (this.#before.has(this.#kills++)) this.#crashing = this.#crashing.then(this.#crash);
    this.#crashing.catch(() => undefined);
  }

  /** Resolves when the server runs again after its last crash. */
  end(): Promise<void> {
    return this.#crashing;
  }
}

/** A process that works until it is killed. It writes a line for each operation that it begins. */
class Worker {
  readonly #child;
  readonly #closed: Promise<[number | null, NodeJS.Signals | null]>;
  readonly #exited: Promise<never>;
  #lines = 0;

  constructor(args: readonly string[]) {
    const stdio = ['ignore', 'pipe', 'inherit'];
    const child = spawnGroup(process.execPath, ['--no-warnings', ...args], { stdio }) as ChildProcess;
    this.#child = child;
    this.#closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
    this.#exited = this.#closed.then(([code, signal]) => {
      throw new Error(`the worker ended by itself, with ${code ?? signal}`);
    });
    this.#exited.catch(() => undefined);
    this.#stdout.setEncoding('utf8').on('data', (text: string) => (this.#lines += text.split('\n').length - 1));
  }

  /** Resolves when the worker has begun so many operations. Rejects if it ends before. */
  async hasBegun(operations: number): Promise<void> {
    while (this.#lines < operations) await Promise.race([once(this.#stdout, 'data'), this.#exited]);
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    const [code, signal] = await this.#closed;
    assert.equal(signal, 'SIGKILL', `the worker ended before it was killed, with ${code}`);
  }

  /** Resolves when the worker has ended by itself, without an error. */
  async end(): Promise<void> {
    assert.deepEqual(await this.#closed, [0, null]);
  }

  get #stdout(): Readable {
    return this.#child.stdout as Readable;
  }
}
