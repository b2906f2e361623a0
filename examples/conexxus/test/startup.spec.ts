/** The application as a process: validation at the start, the integration switched off, and the shutdown. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { describe, it } from 'node:test';
import { start, Lines, newDatabase } from './support.ts';
import { createApp } from '../src/app.ts';

const VALID = { CONEXXUS_API_URL: 'https://api.conexxus.real-domain.com', CONEXXUS_API_KEY: 'your_real_api_key_here' };

/** Starts the application with wrong variables, and returns its message. */
async function messageOf(variables: Readonly<Record<string, string>>): Promise<string> {
  const started = createApp({ variables: { DATABASE_URL: newDatabase(), ...variables }, logger: new Lines() });
  return started.then(
    () => 'started',
    (error: Error) => error.message,
  );
}

describe('Validation at the start', () => {
  for (const [title, variables, expected] of [
    ['the URL is missing', { CONEXXUS_API_KEY: VALID.CONEXXUS_API_KEY }, /CONEXXUS_API_URL/],
    [
      'the URL points to the example domain',
      { ...VALID, CONEXXUS_API_URL: 'https://api.example.com' },
      /CONEXXUS_API_URL points to example domain/,
    ],
    ['the URL is not one of HTTP', { ...VALID, CONEXXUS_API_URL: 'ftp://conexxus.com' }, /CONEXXUS_API_URL .*http/],
    ['the key is missing', { CONEXXUS_API_URL: VALID.CONEXXUS_API_URL }, /CONEXXUS_API_KEY/],
    ['the key is too short', { ...VALID, CONEXXUS_API_KEY: 'short' }, /CONEXXUS_API_KEY .*10/],
    ['a number is none', { ...VALID, CONEXXUS_RETRIES: 'three' }, /CONEXXUS_RETRIES/],
    ['an optional number is none', { ...VALID, CONEXXUS_OPEN_TIME: '1m' }, /CONEXXUS_OPEN_TIME/],
  ] as const) {
    it(`stops the application if ${title}`, async () => {
      const message = await messageOf(variables);
      assert.match(message, /^Conexxus configuration errors: /);
      assert.match(message, expected);
    });
  }

  it('names all problems at once, and never the key', async () => {
    const message = await messageOf({
      CONEXXUS_API_URL: 'example.com',
      CONEXXUS_API_KEY: 'hunter2',
      CONEXXUS_TIMEOUT: '-1',
    });
    for (const name of ['CONEXXUS_API_URL', 'CONEXXUS_API_KEY', 'CONEXXUS_TIMEOUT']) assert.ok(message.includes(name));
    assert.ok(!message.includes('hunter2'));
  });

  it('ends the process with exit code 1 and the message', async () => {
    const { code, output } = await run({ ...VALID, CONEXXUS_API_URL: 'https://api.conexxus.example.com' });
    assert.equal(code, 1);
    assert.match(output, /Conexxus configuration errors: CONEXXUS_API_URL points to example domain/);
  });
});

describe('Without its variables', () => {
  it('the integration is off, and the rest of the application works', async (t) => {
    const { ask, conexxus, lines, upstream } = await start(t, { CONEXXUS_API_URL: '', CONEXXUS_API_KEY: '' });
    assert.ok(lines.some((line) => line.startsWith('Conexxus integration is off')));
    assert.equal((await ask('POST', '/conexxus/sync/inventory')).status, 503);
    assert.equal((await conexxus.getHealthStatus()).enabled, false);
    assert.equal((await ask('GET', '/health')).body.status, 'ok');
    assert.equal(upstream.requests, 0);
  });
});

describe('SIGTERM', () => {
  it('lets the process end by itself, with its rows stored', async () => {
    const { code, output } = await run({ ...VALID, CONEXXUS_API_URL: 'http://127.0.0.1:1' }, 'SIGTERM');
    assert.match(output, /Listening at/);
    assert.ok(code === 0 || code === null, `${code}`);
  });
});

/** Runs `main.js` until it ends. A signal is sent when it listens. */
function run(variables: Readonly<Record<string, string>>, signal?: NodeJS.Signals) {
  const main = path.join(import.meta.dirname, '../src/main.js');
  const env = { PATH: process.env['PATH'], NO_COLOR: '1', PORT: '0', DATABASE_URL: newDatabase(), ...variables };
  const child = spawn(process.execPath, [main], { env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (signal && output.includes('Listening at')) child.kill(signal);
    });
  }
  return new Promise<{ code: number | null; output: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, output }));
  });
}
