import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { BreakerRegistry } from 'fusewire';
import { alerts, opened } from '@fusewire/operations/alerts';

const BEGIN = `
import { BreakerRegistry } from 'fusewire';
import { alerts, opened } from '@fusewire/operations/alerts';
const registry = new BreakerRegistry({ defaults: { consecutiveFailureThreshold: 1 } });
let attempts = 0;
const notifier = { name: 'down', deliver() { attempts++; throw new Error('down'); } };
const watcher = alerts({ rules: [opened()], notifiers: [notifier], interval: 600_000 });
watcher.watch(registry);
await registry.create('a').execute(() => Promise.reject(new Error('down'))).catch(() => undefined);
const attempted = () => new Promise((resolve) => {
  const timer = setInterval(() => { if (attempts > 0) resolve(clearInterval(timer)); }, 1);
});
await attempted();
process.on('exit', (code) => console.log(code, watcher.getStats().notifiers[0].waiting));
`;

/** Runs a program until it ends by itself. Returns its exit code and its output. */
async function run(program: string): Promise<[code: number | null, output: string]> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return [code, output.trim()];
}

describe('a process with alerts', () => {
  it('ends while a notification waits for its next attempt', async () => {
    assert.deepEqual(await run(BEGIN), [0, '0 1']);
  });

  it('waits in close for the notifications, and then ends', async () => {
    assert.deepEqual(await run(`${BEGIN} await watcher.close({ timeout: 50 });`), [0, '0 0']);
  });
});

describe('a runtime without timers', () => {
  it('can create alerts, and evaluate them in a request', async (test) => {
    const { setTimeout: real } = globalThis;
    test.after(() => void (globalThis.setTimeout = real));
    globalThis.setTimeout = (() => {
      throw new Error('not allowed outside of a request');
    }) as never;
    const received: string[] = [];
    const notifier = { name: 'ok', deliver: ({ status }: { status: string }) => received.push(status) };
    const registry = new BreakerRegistry({ defaults: { consecutiveFailureThreshold: 1, timeout: false } });
    const watcher = alerts({ rules: [opened()], notifiers: [notifier] });
    watcher.watch(registry);
    await Promise.resolve();
    globalThis.setTimeout = real;
    registry.create('a').open();
    watcher.evaluate();
    await watcher.settled();
    assert.deepEqual(received, ['firing']);
  });
});
