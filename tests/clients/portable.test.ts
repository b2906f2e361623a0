/** Runs protectedFetch on every runtime that has a fetch. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { after, before as beforeAll, describe, it } from 'node:test';
import { build } from 'esbuild';
import { before, run, start } from '../runtimes/processes.ts';
import { nodeProgram, platformProgram } from '../runtimes/programs.ts';
import { startFaultyServer } from './faulty-server.ts';
import type { FaultyServer } from './faulty-server.ts';

const folder = path.join(import.meta.dirname, '.work/portable');
const program = path.join(import.meta.dirname, 'portable/program.mjs');

let faulty: FaultyServer;
beforeAll(async () => void (faulty = await startFaultyServer()));
after(() => faulty[Symbol.asyncDispose]());

const expected = {
  answer: 'it',
  post: 'POST posted',
  request: 'PUT put',
  redirect: [true, true, 200],
  circle: 'TooManyRedirectsError',
  missing: 404,
  tooLarge: 'BodyTooLargeError',
  left: 'AbortError',
  before: 'CLOSED 0',
  slow: 'CallTimeoutError',
  failed: 500,
  after: 'CLOSED 4',
  refused: true,
  open: 'CircuitOpenError',
  dead: 'OPEN 2',
};

const commands: Readonly<Record<string, () => readonly string[]>> = {
  'Node 20': () => [nodeProgram(20)],
  'Node 26': () => [nodeProgram(26)],
  Deno: () => [platformProgram('deno', 'deno'), 'run', '--allow-all', '--no-prompt', '--no-remote'],
  Bun: () => [platformProgram('bun', 'bin/bun'), 'run', '--no-install'],
};

describe('protectedFetch', () => {
  for (const [name, command] of Object.entries(commands)) {
    it(`behaves alike on ${name}`, async () => {
      const env = { DENO_NO_UPDATE_CHECK: '1', DENO_DIR: path.join(folder, 'deno'), DO_NOT_TRACK: '1' };
      const output = await run([...command(), program, faulty.url, faulty.deadUrl], { cwd: import.meta.dirname, env });
      assert.deepEqual(JSON.parse(output), expected);
    });
  }

  it('behaves alike on workerd', async () => assert.deepEqual(await runInWorkerd(), expected));
});

const config = `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "check", worker = .worker),
    (name = "internet", network = (allow = ["private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "check")],
);
const worker :Workerd.Worker = (
  modules = [
    (name = "worker.mjs", esModule = embed "worker.mjs"),
    (name = "fusewire.wasm", wasm = embed "fusewire.wasm"),
    (name = "policies.wasm", wasm = embed "policies.wasm"),
  ],
  compatibilityDate = "2026-10-01",
);
`;

async function runInWorkerd(): Promise<unknown> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: [path.join(import.meta.dirname, 'portable/worker.mjs')],
    outfile: path.join(folder, 'worker.mjs'),
    ...{ bundle: true, format: 'esm', target: 'es2022', platform: 'neutral', mainFields: [], logLevel: 'warning' },
    ...{ conditions: ['workerd'], external: ['./*.wasm'] },
  });
  for (const engine of ['fusewire.wasm', 'policies.wasm']) {
    copyFileSync(
      path.join(import.meta.dirname, '../../npm/fusewire/dist/platforms', engine),
      path.join(folder, engine),
    );
  }
  writeFileSync(path.join(folder, 'workerd.capnp'), config);
  const command = [platformProgram('workerd', 'bin/workerd'), 'serve', path.join(folder, 'workerd.capnp')];
  using server = start([...command, '--control-fd=3'], { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  const [message] = await before(server, once(server.child.stdio[3] as Readable, 'data'));
  const { port } = JSON.parse(String(message).split('\n', 1)[0] as string);
  const query = new URLSearchParams({ url: faulty.url, dead: faulty.deadUrl });
  const response = await before(server, fetch(`http://127.0.0.1:${port}/?${query}`));
  assert.ok(response.ok, await response.clone().text());
  return response.json();
}
