import type { Durability, StoreCheck } from 'fusewire/kit';

/** Reads settings of Redis. Managed servers refuse some. */
export interface RedisSettings {
  /** Returns a section of `INFO`. */
  info(section: string): Promise<string>;
  /** Returns the names and values of settings. */
  config(action: 'GET', name: string): Promise<unknown>;
}

/** Checks the settings that decide on the durability of messages. */
export async function checkRedis(client: RedisSettings): Promise<StoreCheck> {
  const [persistence, memory, fsync] = await Promise.all([
    fieldsOf(client, 'persistence'),
    fieldsOf(client, 'memory'),
    settingOf(client, 'appendfsync'),
  ]);
  const problems: string[] = [];
  const unknown: string[] = [];
  const policy = memory.get('maxmemory_policy');
  if (policy === undefined) unknown.push('Redis does not report maxmemory-policy.');
  else if (policy !== 'noeviction') {
    problems.push(`The setting maxmemory-policy is ${policy}, not noeviction: Redis may delete messages.`);
  }
  if (memory.get('maxmemory') === undefined && policy === undefined) unknown.push('Redis does not report maxmemory.');
  return { durability: durabilityOf(persistence.get('aof_enabled'), fsync, problems, unknown), problems, unknown };
}

function durabilityOf(
  appendOnly: string | undefined,
  fsync: string | undefined,
  problems: string[],
  unknown: string[],
): Durability {
  if (appendOnly === '0') {
    problems.push('The setting appendonly is no: a crash of Redis loses the messages since its last snapshot.');
    return 'process';
  }
  if (appendOnly === undefined) unknown.push('Redis does not report appendonly.');
  if (fsync === undefined) unknown.push('Redis does not report appendfsync.');
  if (fsync !== undefined && fsync !== 'always') {
    problems.push(`The setting appendfsync is ${fsync}, not always: a crash of the machine loses the latest messages.`);
    return 'process';
  }
  return appendOnly === undefined || fsync === undefined ? 'unknown' : 'power loss';
}

/** Returns the fields of a section of `INFO`; none if the server refuses it. */
async function fieldsOf(client: RedisSettings, section: string): Promise<Map<string, string>> {
  const text = await client.info(section).catch(unlessAway);
  const lines = (text ?? '').split('\n').map((line) => line.trim());
  return new Map(lines.flatMap((line) => (line.includes(':') ? [line.split(':', 2) as [string, string]] : [])));
}

/** Returns a setting; undefined if the server refuses to tell it. */
async function settingOf(client: RedisSettings, name: string): Promise<string | undefined> {
  const answer = await client.config('GET', name).catch(unlessAway);
  if (Array.isArray(answer)) return answer[1] === undefined ? undefined : String(answer[1]);
  const value = (answer as Record<string, unknown> | undefined)?.[name];
  return value === undefined ? undefined : String(value);
}

/** Ignores the error of a server that refuses a command, and no other. */
function unlessAway(error: unknown): undefined {
  if ((error as { readonly name?: unknown }).name === 'ReplyError') return undefined;
  throw error;
}
