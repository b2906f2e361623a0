// Installation of Debian packages.

import { existsSync } from 'node:fs';
import process from 'node:process';
import { run } from './processes.mjs';

/** Whether this machine can install Debian packages: it has apt-get, and this is root. */
export const hasApt = () => process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');

export async function aptInstall(packages, env) {
  const quiet = { ...env, DEBIAN_FRONTEND: 'noninteractive' };
  const aptGet = ['apt-get', '-o', 'DPkg::Lock::Timeout=120'];
  await run([...aptGet, 'update'], { env: quiet, log: 'apt-update', minutes: 5 });
  await run([...aptGet, 'install', '--yes', '--no-install-recommends', ...packages], {
    env: quiet,
    log: 'apt-install',
  });
}
