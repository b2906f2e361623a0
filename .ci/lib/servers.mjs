// The servers and server tools of the tests: installed ones, or on Debian the packages.

import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { aptInstall, hasApt } from './apt.mjs';
import { findProgram } from './programs.mjs';

export const REDIS_ADVICE =
  'there is no Redis: install redis-server (on Debian, as root: apt-get install redis-server), so that it is on the search path.';
export const POSTGRES_ADVICE =
  'there is no PostgreSQL: install its server (on Debian, as root: apt-get install postgresql), so that initdb and postgres are on the search path.';

export const PROMTOOL_ADVICE =
  'there is no promtool: install Prometheus (on Debian, as root: apt-get install prometheus), so that it is on the search path.';

/** Returns the program that checks metrics and alert rules of Prometheus. */
export const findPromtool = () => findProgram(['promtool']);

/** Returns the program of the Redis server. */
export const findRedis = () => findProgram(['redis-server']);

/** Returns the folder with the programs of the PostgreSQL server. */
export function findPostgres() {
  const server = findProgram(['postgres'], debianServers());
  return server && path.dirname(server);
}

/** Folders of PostgreSQL on Debian, newest version first. They are not on the search path. */
function debianServers() {
  const versions = '/usr/lib/postgresql';
  if (!existsSync(versions)) return [];
  const newestFirst = readdirSync(versions).sort((one, other) => Number(other) - Number(one));
  return newestFirst.map((version) => path.join(versions, version, 'bin/postgres'));
}

/** Installs the missing servers if this machine allows it. Otherwise the tests that need them say what to do. */
export async function bringServers(env) {
  const missing = [
    ...(findRedis() === undefined ? ['redis-server'] : []),
    ...(findPostgres() === undefined ? ['postgresql'] : []),
    ...(findPromtool() === undefined ? ['prometheus'] : []),
  ];
  if (missing.length > 0 && hasApt()) await aptInstall(missing, env);
}
