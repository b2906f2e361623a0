/** The tutorial, followed step by step in an empty folder, with the packed package. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { run } from '../../tests/runtimes/processes.ts';
import { packages } from '../../tests/runtimes/project.ts';
import { readFence } from '../site/fences.ts';
import { at } from '../site/repository.ts';

test('the commands of the tutorial print the output shown', async () => {
  const home = mkdtempSync(path.join(tmpdir(), 'fusewire-start-'));
  let folder = home;
  let printed = '';
  const commands: string[] = [];
  try {
    const text = readFileSync(at('docs/pages/start.md'), 'utf8');
    for (const [, info = '', code = ''] of text.matchAll(/^```(\S.*)\n([^]*?)^```$/gm)) {
      const { language, title, output } = readFence(info);
      if (language === 'sh') {
        for (const command of code.trim().split('\n')) {
          commands.push(command);
          printed = await run(['sh', '-c', withTarball(command)], { cwd: folder });
          folder = path.resolve(folder, /&& cd (\S+)$/.exec(command)?.[1] ?? '.');
        }
      } else if (title !== undefined) {
        writeFileSync(path.join(folder, title), code);
      } else if (output) {
        assert.equal(printed, code);
      }
    }
    assert.deepEqual(
      commands.map((command) => command.split(' ')[0]),
      ['mkdir', 'npm', 'npm', 'node'],
    );
  } finally {
    rmSync(home, { recursive: true });
  }
});

/** Replaces the package of the registry by the packed one. */
function withTarball(command: string): string {
  return command.replace(/^npm install (\S+)$/, (_, name: string) => {
    const tarball = path.join(packages, `${name.replace(/^@fusewire\//, '')}.tgz`);
    return `npm install --offline --no-audit --no-fund ${tarball}`;
  });
}
