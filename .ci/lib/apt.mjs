// Packages of Debian, where this machine lets us install them.

import { existsSync } from 'node:fs';
import process from 'node:process';
import { run } from './processes.mjs';

/** Whether {@link aptInstall} may be called. */
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
