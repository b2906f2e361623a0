// Runs the demo as a user does, and watches what it prints, how it exits and what it leaves behind.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));
const { FORCE_COLOR: _, ...environment } = process.env;

interface Run {
  child: ChildProcess;
  /** What it has printed so far, errors included. */
  text(): string;
  /** Resolves once it has printed that. */
  printed(pattern: RegExp): Promise<RegExpMatchArray>;
  /** Resolves to the exit code, or to the signal that ended it. */
  ended: Promise<number | string>;
}

function start(program: string, args: string[], env: NodeJS.ProcessEnv = environment): Run {
  const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
  }
  const printed = async (pattern: RegExp) => {
    for (;;) {
      const match = stripVTControlCharacters(text).match(pattern);
      if (match) return match;
      if (child.exitCode !== null) assert.fail(`it ended without printing ${pattern}:\n${text}`);
      await sleep(50);
    }
  };
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  return { child, text: () => text, printed, ended };
}

function demo(...args: string[]): Run {
  return start(process.execPath, [main, ...args]);
}

async function serviceProcesses(run: Run): Promise<number[]> {
  const [, one, two] = await run.printed(/in process (\d+), its twin in (\d+)/);
  return [Number(one), Number(two)];
}

async function assertGone(processes: number[]): Promise<void> {
  const lastTry = performance.now() + 2000;
  while (processes.some(isAlive)) {
    assert.ok(performance.now() < lastTry, `left behind: ${processes.filter(isAlive).join(', ')}`);
    await sleep(20);
  }
}

function isAlive(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch {
    return false;
  }
}

describe('the whole script', { concurrency: true }, () => {
  for (const backend of ['wasm', 'native']) {
    test(`passes on ${backend}, in plain lines`, async () => {
      const began = performance.now();
      const run = demo('--backend', backend);
      const services = await serviceProcesses(run);
      assert.equal(await run.ended, 0, run.text());
      assert.ok(performance.now() - began < 30_000);
      assert.match(run.text(), new RegExp(`engine ${backend}\n`));
      assert.match(run.text(), /payments +CLOSED +→ OPEN +5 failures in a row/);
      assert.match(run.text(), /search +CLOSED +→ OPEN +\d+ % of the calls were slow/);
      assert.match(run.text(), /email +CLOSED +→ OPEN +6 failures in the window/);
      assert.match(run.text(), /rejected at once +0 +\d+/);
      assert.match(run.text(), /All \d+ checks passed\.\n$/);
      assert.doesNotMatch(run.text(), /(?!\n)\p{Cc}/u, 'control characters');
      await assertGone(services);
    });
  }

  test('fails if the service never recovers', async () => {
    const run = demo('--sabotage', 'never-recover');
    assert.equal(await run.ended, 1, run.text());
    assert.match(run.text(), /✗ closed while recovered +it did not/);
    assert.match(run.text(), /checks failed: .*payments closed while recovered/);
  });

  test('fails if the service never fails', async () => {
    const run = demo('--sabotage', 'never-fail');
    assert.equal(await run.ended, 1, run.text());
    assert.match(run.text(), /✗ opened while refused +it did not/);
    assert.match(run.text(), /✗ failed fast +0 of/);
  });
});

describe('an interrupted run', { concurrency: true }, () => {
  for (const [signal, outcome] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGKILL', 'SIGKILL'],
  ] as const) {
    test(`leaves no service behind after ${signal}`, async () => {
      const run = demo();
      const services = await serviceProcesses(run);
      run.child.kill(signal);
      assert.equal(await run.ended, outcome);
      await assertGone(services);
    });
  }

  test('leaves no service behind when its reader goes away', async () => {
    const run = demo();
    const services = await serviceProcesses(run);
    run.child.stdout?.destroy();
    assert.equal(await run.ended, 1);
    await assertGone(services);
  });

  const script = spawnSync('script', ['--version'], { encoding: 'utf8' });
  const skip = script.stdout?.includes('util-linux') ? false : 'there is no script command to make a terminal';
  test('gives the terminal its cursor back', { skip }, async () => {
    const command = `stty cols 100 rows 24; '${process.execPath}' '${main}'`;
    const run = start('script', ['-qec', command, '/dev/null'], { ...environment, TERM: 'xterm-256color' });
    const services = await serviceProcesses(run);
    await run.printed(/payments +▁▁/);
    run.child.stdin?.write('\x03');
    assert.equal(await run.ended, 130);
    assert.ok(run.text().lastIndexOf('\x1b[?25h') > run.text().lastIndexOf('\x1b[?25l'), 'the cursor is hidden');
    await assertGone(services);
  });
});

describe('arguments', () => {
  const refused: [string[], RegExp][] = [
    [['--backend', 'jvm'], /--backend must be wasm or native, got 'jvm'/],
    [['--backend'], /--backend.* argument missing/],
    [['--sabotage', 'all'], /--sabotage must be none or never-fail or never-recover, got 'all'/],
    [['--fast'], /Unknown option '--fast'/],
    [['native'], /Unexpected argument 'native'/],
  ];
  for (const [args, message] of refused) {
    test(`${args.join(' ')} is refused, naming what is accepted`, async () => {
      const run = demo(...args);
      assert.equal(await run.ended, 2);
      assert.match(run.text(), message);
      assert.match(run.text(), /--backend wasm\|native/);
    });
  }

  test('--help explains', async () => {
    const run = demo('--help');
    assert.equal(await run.ended, 0);
    assert.match(run.text(), /--backend wasm\|native/);
  });
});
