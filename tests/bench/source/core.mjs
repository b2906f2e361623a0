import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { PACKAGE } from './process.mjs';

/**
 * The Rust bench beside this package: built with cargo, which takes a minute the first time, then run.
 * @param {import('./cases.mjs').Case} benchCase
 * @returns {Promise<import('./rows.mjs').Row[]>}
 */
export async function measureCore(benchCase) {
  const folder = join(PACKAGE, 'core');
  const cargo = ['run', '--release', '--quiet', '--', String(benchCase.task.rounds)];
  try {
    const rows = JSON.parse(await outputOf('cargo', cargo, folder));
    return rows.map((row) => ({ case: benchCase.name, ...row }));
  } catch (error) {
    return [{ case: benchCase.name, contender: 'breaker-core/time', unavailable: String(error.message ?? error) }];
  }
}

/** @returns {Promise<string>} what the command printed */
function outputOf(command, args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(output) : reject(new Error(`${command} ended with ${code}`))));
  });
}
