// `npm run lint` checks all code with every linter; `npm run format` (--fix) repairs what a tool can repair.

import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { houseRules, importRules } from './lib/lint-commands.mjs';
import { root } from './lib/paths.mjs';

const fix = process.argv.includes('--fix');
const commands = fix
  ? [
      ['cargo', 'fmt', '--all'],
      ['eslint', '--fix', '.'],
      ['prettier', '--write', '--log-level', 'warn', '.'],
    ]
  : [
      ['cargo', 'fmt', '--all', '--check'],
      ['cargo', 'clippy', '--workspace', '--all-targets', '--', '-D', 'warnings'],
      ['eslint', '.'],
      importRules,
      houseRules,
      ['prettier', '--check', '--log-level', 'warn', '.'],
    ];

for (const [program, ...args] of commands) {
  const { status } = spawnSync(program, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
