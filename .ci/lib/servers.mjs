// The servers of the tests: those that are there, or on Debian a package.

import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { aptInstall, hasApt } from './apt.mjs';
import { findProgram } from './programs.mjs';

export const REDIS_ADVICE =
  'there is no Redis: install redis-server (on Debian, as root: apt-get install redis-server), so that it is on the search path.';
export const POSTGRES_ADVICE =
  'there is no PostgreSQL: install its server (on Debian, as root: apt-get install postgresql), so that initdb and postgres are on the search path.';

/** The program of the Redis server. */
export const findRedis = () => findProgram(['redis-server']);

/** The folder with the programs of the PostgreSQL server. */
export function findPostgres() {
  const server = findProgram(['postgres'], debianServers());
  return server && path.dirname(server);
}

/** Debian does not put them on the search path, and may have several; the newest first. */
function debianServers() {
  const versions = '/usr/lib/postgresql';
  if (!existsSync(versions)) return [];
  const newestFirst = readdirSync(versions).sort((one, other) => Number(other) - Number(one));
  return newestFirst.map((version) => path.join(versions, version, 'bin/postgres'));
}

/** Installs those that are missing where we may; otherwise the tests that need them say what to do. */
export async function bringServers(env) {
  const missing = [
    ...(findRedis() === undefined ? ['redis-server'] : []),
    ...(findPostgres() === undefined ? ['postgresql'] : []),
  ];
  if (missing.length > 0 && hasApt()) await aptInstall(missing, env);
}
