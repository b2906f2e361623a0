import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const dist = dirname(fileURLToPath(import.meta.resolve('fusewire')));

/** Returns what a program that dies of an uncaught error prints. */
function outputOf(type: 'commonjs' | 'module', program: string, ...flags: string[]): string {
  const { status, stderr } = spawnSync(process.execPath, [...flags, `--input-type=${type}`, '-e', program], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  assert.equal(status, 1, stderr);
  return stderr;
}

describe('an uncaught options error', () => {
  for (const [name, program, message] of [
    [
      'a breaker',
      'new fusewire.CircuitBreaker({ nam: 1 })',
      'OptionsError: Circuit breaker unnamed: nam is not an option; did you mean name?',
    ],
    [
      'a policy',
      'fusewire.retry({ attempts: 0 })',
      'OptionsError: Policy retry: attempts must be a whole number from 1 to 1000000, got 0',
    ],
    [
      'a pipeline',
      'fusewire.pipeline({ retrys: {} })',
      'OptionsError: Policy pipeline: retrys is not an option; did you mean retry?',
    ],
  ] as const) {
    for (const [type, start] of [
      ['commonjs', "const fusewire = require('fusewire');"],
      ['module', "import * as fusewire from 'fusewire';"],
    ] as const) {
      it(`of ${name} prints its message in few, short lines (${type})`, () => {
        const lines = outputOf(type, `${start} ${program}`).split('\n');
        assert.ok(
          lines.some((line) => line.startsWith(message)),
          lines.join('\n'),
        );
        assert.ok(lines.length < 30, `${lines.length} lines`);
        for (const line of lines) assert.ok(line.length <= 200, line);
      });
    }
  }

  it('shows the lines of the sources with --enable-source-maps', () => {
    const program = "require('fusewire').retry({ attempts: 0 })";
    const output = outputOf('commonjs', program, '--enable-source-maps');
    assert.match(output, /[\\/]src[\\/]options[\\/]options-error\.ts:\d+:\d+/);
    assert.match(output, /[\\/]src[\\/]policies[\\/]retry[\\/]retry\.ts:\d+:\d+/);
  });
});

describe('the source maps', () => {
  const scripts = readdirSync(dist).filter((file) => /\.c?js$/.test(file) && !file.endsWith('-bridge.cjs'));

  it('exist for every script', () => {
    assert.ok(scripts.length >= 9, scripts.join());
    for (const file of scripts) {
      assert.match(readFileSync(join(dist, file), 'utf8').trimEnd(), new RegExp(`//# sourceMappingURL=${file}\\.map$`));
      assert.ok(existsSync(join(dist, `${file}.map`)), file);
    }
  });

  it('refer to sources of the package by relative paths', () => {
    for (const file of scripts) {
      const map = JSON.parse(readFileSync(join(dist, `${file}.map`), 'utf8')) as {
        sourceRoot?: string;
        sources: string[];
      };
      assert.equal(map.sourceRoot ?? '', '');
      for (const source of map.sources) {
        assert.match(source, /^\.\.\/src\//);
        assert.ok(existsSync(resolve(dist, source)), source);
      }
    }
  });
});
