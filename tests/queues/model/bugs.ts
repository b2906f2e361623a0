import type { PlantedBug } from '../../runs/planting.ts';

/** Bug to plant into a source of the repository. */
export interface Bug extends PlantedBug {
  /** Store whose exploration finds it. */
  readonly subject: string;
}

const plant = (subject: string, file: string) => (name: string, text: string, instead: string) => {
  return { name, subject, file, text, instead };
};
const memory = plant('memory', 'npm/fusewire/src/queue/memory-queue.ts');
const sqlite = plant('sqlite', 'npm/stores/sqlite/src/queue/store.ts');
const writer = plant('sqlite', 'npm/stores/sqlite/src/queue/writer.ts');

/** Bugs, each of which the exploration must find. Those marked as real were found by it. */
export const bugs: readonly Bug[] = [
  memory(
    'a revived message keeps its earlier priority (real)',
    '{ payload, priority, group, lastError: null }',
    '{ payload, group, lastError: null }',
  ),
  memory(
    'a revived message keeps its earlier age (real)',
    'abandoned: 0, enqueuedAt: now, availableAt }',
    'abandoned: 0, availableAt }',
  ),
  memory('a message has two leases', 'message.availableAt = now + leaseTime;', 'message.availableAt = now;'),
  memory(
    'an earlier lease is still valid',
    'if (message?.token !== token) return false;',
    'if (message === undefined || message.token === undefined) return false;',
  ),
  memory(
    'a lease is valid after its message was put back',
    'message.token = undefined;\n      message.availableAt',
    'message.availableAt',
  ),
  memory(
    'a released lease counts as an attempt',
    'if (error === null) message.attempts--;\n      else message',
    'if (error !== null) message',
  ),
  memory('an expired lease is not counted', 'if (message.token !== undefined) message.abandoned++;', ''),
  memory(
    'the lowest priority comes first',
    'let priority = HIGHEST_PRIORITY; priority >= 0; priority--',
    'let priority = 0; priority <= HIGHEST_PRIORITY; priority++',
  ),
  memory('a dead letter is revived although it is to be kept', 'if (!revives) return', 'if (false) return'),
  memory('a delay is over too late', 'if (message.availableAt > now ||', 'if (message.availableAt >= now ||'),
  sqlite(
    'any token completes a message',
    'DELETE FROM ${table} ${underLease}',
    'DELETE FROM ${table} WHERE id = ? AND ? <> 0',
  ),
  sqlite('a dead letter keeps its lease', 'SET token = NULL, dead = 1,', 'SET dead = 1,'),
  sqlite('a heartbeat ends the lease', 'extend.run(now + leaseTime,', 'extend.run(now,'),
  sqlite('a failed message does not wait', 'run(after === 0 ? 0 : now + after,', 'run(0,'),
  sqlite('a revived message keeps its last error', 'abandoned = 0, last_error = NULL WHERE', 'abandoned = 0 WHERE'),
  sqlite(
    'a message whose lease has expired is running',
    'existing.token !== null && existing.available_at > now',
    'existing.token !== null',
  ),
  writer(
    'every write of a turn has the result of the first',
    'resolve(results[index] as never)',
    'resolve(results[0] as never)',
  ),
  writer(
    'the second write of a turn is not done',
    'const results = writes.map(({ work }) => work());',
    'const results = writes.slice(0, 1).map(({ work }) => work());\n      results.push(results[0]);',
  ),
];
