import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const dist = dirname(fileURLToPath(import.meta.resolve('fusewire')));

/** Returns what a program that dies of an uncaught error prints. */
function outputOf(type: 'commonjs' | 'module', program: string): string {
  const { status, stderr } = spawnSync(process.execPath, [`--input-type=${type}`, '-e', program], {
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
});

describe('the modules for Node', () => {
  const scripts = readdirSync(dist, { encoding: 'utf8', recursive: true }).filter(
    (file) => /\.c?js$/.test(file) && !file.endsWith('-bytes.js'),
  );

  it('have short lines, and refer to no source map', () => {
    assert.ok(scripts.length >= 20, scripts.join());
    for (const file of scripts) {
      const text = readFileSync(join(dist, file), 'utf8');
      assert.doesNotMatch(text, /sourceMappingURL/, file);
      const long = text.split('\n').filter((line) => line.length > 300 && !/^(import|export)\b/.test(line));
      assert.deepEqual(
        long.map((line) => line.slice(0, 80)),
        [],
        file,
      );
    }
  });

  it('name the functions of a stack in their sources', () => {
    const output = outputOf('commonjs', "require('fusewire').retry({ attempts: 0 })");
    assert.match(output, /at _?OptionsReader\.\w+ .*[\\/]dist[\\/]core\.js:\d+:\d+/);
    assert.match(output, /at (?:Object\.)?retry .*[\\/]dist[\\/]index\.js:\d+:\d+/);
  });
});
