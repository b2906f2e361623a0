// Runs one batch of a target as a child process.

import { spawn } from 'node:child_process';
import process from 'node:process';
import { root } from '../../.ci/lib/paths.mjs';

/** Longest time a batch may take, in milliseconds. The first batch of a target may have to build it. */
const LONGEST = 60 * 60_000;

/** Runs a command to its end. Resolves with whether it succeeded, and with what it printed. */
export function runBatch({ command: [program, ...args], env }) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, env: { ...process.env, ...env }, timeout: LONGEST });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    }
    child.once('error', (error) => resolve({ passed: false, output: error.message }));
    child.once('close', (code, signal) => {
      if (signal !== null) output += `\nended by ${signal}`;
      resolve({ passed: code === 0, output });
    });
  });
}
