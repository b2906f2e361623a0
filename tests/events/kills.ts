/** Kills processes that record events, and counts what is lost of what they had acknowledged. */
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sqliteEventSink } from '@fusewire/sqlite';
import { interruptible, spawnGroup } from '../../.ci/lib/processes.mjs';
import { Random } from '../storm/random.ts';

interruptible();

/** Result of the kills. */
export interface KillReport {
  readonly kills: number;
  /** Events that were acknowledged as durable. */
  readonly acknowledged: number;
  /** Events that the sink has in the end. */
  readonly stored: number;
  /** Events that were acknowledged, and that the sink does not have. */
  readonly lost: readonly string[];
  /** Events that the sink has more than once. */
  readonly repeated: number;
  /** Segments that are left. */
  readonly segments: number;
}

const WORKERS = 2;
const MODES = ['working', 'failing', 'working', 'hanging'];
const POLICIES = ['never', '1000', 'always'];
const MOST_EVENTS = 150;
/** Longest time from the last of them to the kill, in milliseconds. */
const LONGEST_DELAY = 20;
const program = fileURLToPath(new URL('worker.ts', import.meta.url));

/** Kills `kills` processes with SIGKILL, of two that share a folder, and reads what the last ones have stored. */
export async function killWriters(kills: number, seed: number): Promise<KillReport> {
  const folder = mkdtempSync(join(tmpdir(), 'fusewire-event-kills-'));
  const random = new Random(seed);
  const acknowledged = new Set<string>();
  const killRepeatedly = async (worker: number, own: Random, count: number): Promise<void> => {
    for (let kill = 0; kill < count; kill++) {
      const mode = MODES[own.below(MODES.length)] as string;
      const policy = POLICIES[own.below(POLICIES.length)] as string;
      await killOne([folder, `worker-${worker}-${kill}`, mode, policy], own, acknowledged);
    }
  };
  const shares = Array.from({ length: WORKERS }, (_, worker) => Math.floor((kills + worker) / WORKERS));
  await Promise.all(shares.map((count, worker) => killRepeatedly(worker, random.fork(), count)));
  await start([folder, 'last', 'last', 'never']).ended;
  const keys = await storedKeys(join(folder, 'events.db'));
  const stored = new Set(keys);
  const segments = readdirSync(join(folder, 'ahead')).length;
  rmSync(folder, { recursive: true });
  return {
    kills,
    acknowledged: acknowledged.size,
    stored: keys.length,
    lost: [...acknowledged].filter((key) => !stored.has(key)),
    repeated: keys.length - stored.size,
    segments,
  };
}

/** Starts a worker, and kills it a random time after a random number of events, whatever it is doing then. */
async function killOne(args: readonly string[], random: Random, acknowledged: Set<string>): Promise<void> {
  const { child, ended } = start(args);
  const enough = 1 + random.below(MOST_EVENTS);
  let count = 0;
  let rest = '';
  const hasEnough = new Promise<void>((resolve) => {
    child.stdout.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() as string;
      for (const key of lines) acknowledged.add(key);
      count += lines.length;
      if (count >= enough) resolve();
    });
  });
  await Promise.race([hasEnough, ended]);
  await delay(random.between(0, LONGEST_DELAY));
  child.kill('SIGKILL');
  await ended;
  if (count === 0) throw new Error('a worker ended before it had acknowledged an event');
}

function start(args: readonly string[]) {
  const child = spawnGroup(process.execPath, ['--no-warnings', program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.setEncoding('utf8');
  // After the end of the output: what was printed before the kill is read.
  return { child, ended: once(child, 'close') };
}

async function storedKeys(path: string): Promise<string[]> {
  const sink = sqliteEventSink({ path });
  const keys: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await sink.read({ cursor, limit: 1_000, order: 'oldest', kind: 'kill-test' });
    for (const { details } of page.events) keys.push(String(details['key']));
    cursor = page.cursor;
  } while (cursor !== null);
  await sink.close();
  return keys;
}
