// Runs the demo as a user does, and checks its output, its exit code and that it leaves no process behind.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));
const { FORCE_COLOR: _, ...environment } = process.env;

/** One run of a program. */
interface Run {
  child: ChildProcess;
  /** Returns the output so far, with that of stderr. */
  text(): string;
  /** Resolves once the output matches. */
  printed(pattern: RegExp): Promise<RegExpMatchArray>;
  /** Resolves with the exit code, or with the signal that ended the program. */
  ended: Promise<number | string>;
}

function start(program: string, args: string[], env: NodeJS.ProcessEnv = environment): Run {
  const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  const printed = async (pattern: RegExp) => {
    for (;;) {
      const match = stripVTControlCharacters(text).match(pattern);
      if (match) return match;
      if (child.exitCode !== null) assert.fail(`the program ended without printing ${pattern}:\n${text}`);
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
  // A busy machine may take its time to end a process.
  const lastTry = performance.now() + 60_000;
  while (processes.some(isAlive)) {
    assert.ok(performance.now() < lastTry, `still running: ${processes.filter(isAlive).join(', ')}`);
    await sleep(20);
  }
}

/** Returns the lines of the checks of one breaker. */
function checksOf(run: Run, breaker: string): string {
  const checks = run.text().slice(run.text().indexOf('Checks\n'));
  return checks.slice(checks.indexOf(`\n${breaker}\n`)).split(/\n(?! )/)[1] ?? '';
}

function isAlive(id: number): boolean {
  try {
    return process.kill(id, 0);
  } catch {
    return false;
  }
}

describe('the demo', { concurrency: true }, () => {
  for (const backend of ['wasm', 'native']) {
    test(`passes on ${backend}, in plain lines`, async () => {
      const run = demo('--backend', backend);
      const services = await serviceProcesses(run);
      assert.equal(await run.ended, 0, run.text());
      assert.match(run.text(), new RegExp(`engine ${backend}\n`));
      assert.match(run.text(), /payments +CLOSED +→ OPEN +5 failures in a row/);
      // On a slow machine the calls time out before enough of them are slow.
      assert.match(run.text(), /search +CLOSED +→ OPEN +\d+ % of the calls (were slow|failed)/);
      assert.match(run.text(), /email +CLOSED +→ OPEN +6 failures in the window/);
      assert.match(run.text(), /rejected at once +0 +\d+/);
      assert.match(run.text(), /All \d+ checks passed\.\n\nThe same on a dashboard: npm run demo -- --dashboard\n$/);
      assert.doesNotMatch(run.text(), /(?!\n)\p{Cc}/u, 'control characters');
      await assertGone(services);
    });
  }

  test('serves a dashboard while it runs, and goes on with it afterwards', async () => {
    const run = demo('--dashboard');
    const services = await serviceProcesses(run);
    const [address] = await run.printed(/http:\S+\/dashboard/);
    assert.match(await (await fetch(address)).text(), /<script type="module" src="dashboard\//);
    const list = (await (await fetch(new URL('breakers', address))).json()) as { breakers: { name: string }[] };
    assert.deepEqual(
      list.breakers.map(({ name }) => name),
      ['email', 'payments', 'search'],
    );
    await run.printed(/The script is repeated for the dashboard/);
    const { events } = (await (await fetch(new URL('events?kind=state-change', address))).json()) as {
      events: unknown[];
    };
    assert.ok(events.length >= 9, `${events.length} transitions`);
    run.child.kill('SIGINT');
    assert.equal(await run.ended, 130);
    await assertGone(services);
  });

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
    // A slow machine may open a circuit by itself; one that stayed closed has rejected nothing.
    const closed = ['payments', 'search', 'email'].filter(
      (name) => !new RegExp(`${name} +CLOSED +→ OPEN`).test(run.text()),
    );
    for (const name of closed) assert.match(checksOf(run, name), /✗ failed fast +0 of/);
    assert.ok(closed.length > 0, run.text());
  });
});

describe('an interrupted demo', { concurrency: true }, () => {
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
  const skip = script.stdout?.includes('util-linux')
    ? false
    : 'the command script, which provides a terminal, is not installed';
  test('shows the cursor of the terminal again', { skip }, async () => {
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

describe('the command line', () => {
  const refused: [string[], RegExp][] = [
    [['--backend', 'jvm'], /--backend must be wasm or native, got 'jvm'/],
    [['--backend'], /--backend.* argument missing/],
    [['--sabotage', 'all'], /--sabotage must be none or never-fail or never-recover, got 'all'/],
    [['--fast'], /Unknown option '--fast'/],
    [['native'], /Unexpected argument 'native'/],
  ];
  for (const [args, message] of refused) {
    test(`rejects ${args.join(' ')} and names the accepted values`, async () => {
      const run = demo(...args);
      assert.equal(await run.ended, 2);
      assert.match(run.text(), message);
      assert.match(run.text(), /--backend wasm\|native/);
    });
  }

  test('explains itself with --help', async () => {
    const run = demo('--help');
    assert.equal(await run.ended, 0);
    assert.match(run.text(), /--backend wasm\|native/);
  });
});
