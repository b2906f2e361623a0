import assert from 'node:assert/strict';
import { get } from 'node:http';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { dashboard } from '@fusewire/operations/dashboard';
import { readArguments } from '../../src/cli/arguments.ts';
import { serveDashboard } from '../../src/cli/dashboard-server.ts';
import { events } from '../../src/cli/events.ts';
import { top } from '../../src/cli/top.ts';
import { UsageError } from '../../src/cli/usage-error.ts';
import { RecordedTerminal, startProgram } from './support.ts';

const token = { FUSEWIRE_TOKEN: 'good' };
const never = new AbortController().signal;

let program: Awaited<ReturnType<typeof startProgram>>;
beforeEach(async () => void (program = await startProgram(['mail', 'payments'])));
afterEach(() => program.close());

const fail = async (name: string) => {
  const breaker = program.breakers.for(name);
  while (breaker.state === 'CLOSED')
    await breaker.execute(() => Promise.reject(new Error('refused'))).catch(() => undefined);
};

describe('fusewire top', () => {
  const look = async (terminal: RecordedTerminal, ...args: string[]) =>
    top(readArguments([program.url, '--interval', '100', ...args], token), terminal, never);

  it('shows the breakers in trouble first, and exits with 1 if a circuit is open', async () => {
    const terminal = new RecordedTerminal();
    assert.equal(await look(terminal), 0);
    await fail('payments');
    const after = new RecordedTerminal();
    assert.equal(await look(after), 1);
    assert.match(after.text, /^1 open, 0 half-open, 1 closed\nSTATE .*\nopen +payments .*refused.*\nclosed +mail /);
  });

  it('prints JSON for scripts', async () => {
    const terminal = new RecordedTerminal();
    await look(terminal, '--json');
    const rows = JSON.parse(terminal.text) as { name: string; instance: string; stats: { totalRequests: number } }[];
    assert.deepEqual(
      rows.map(({ name, stats }) => [name, stats.totalRequests]),
      [
        ['mail', 0],
        ['payments', 0],
      ],
    );
  });

  it('draws again and again on a terminal, and gives it back when it is interrupted', async () => {
    const terminal = new RecordedTerminal(true);
    const interrupted = new AbortController();
    const running = top(readArguments([program.url, '--interval', '100'], token), terminal, interrupted.signal);
    await terminal.seen(/closed/);
    await fail('mail');
    await terminal.seen(/1 open/);
    interrupted.abort();
    assert.equal(await running, 1);
    assert.ok(terminal.text.startsWith('\x1b[?1049h') && terminal.text.endsWith('\x1b[?1049l'));
  });

  it('shows names without what would control a terminal', async () => {
    program.breakers.for('\x1b]0;owned\x07\x1b[2Jevil\nname');
    const terminal = new RecordedTerminal();
    await look(terminal);
    assert.doesNotMatch(terminal.text, /[\x00-\x09\x0b-\x1f]/);
    assert.match(terminal.text, /evil name/);
  });

  it('says why a program does not answer, without the token', async () => {
    const args = readArguments([program.url], { FUSEWIRE_TOKEN: 'stolen-token' });
    const rejected = top(args, new RecordedTerminal(), never);
    await assert.rejects(
      rejected,
      (error) => error instanceof UsageError && /answers 403: authorize/.test(error.message),
    );
    await program.stop();
    const gone = top(args, new RecordedTerminal(), never);
    await assert.rejects(gone, (error) => {
      assert.match((error as Error).message, /does not answer: ECONNREFUSED/);
      assert.doesNotMatch((error as Error).message, /stolen/);
      return true;
    });
  });
});

describe('fusewire events', () => {
  it('shows the last events, the oldest first', async () => {
    await fail('mail');
    await program.events.flush();
    const terminal = new RecordedTerminal();
    assert.equal(await events(readArguments([program.url, '--kind', 'state-change'], token), terminal, never), 0);
    assert.match(terminal.text, /^.*state-change +Circuit breaker mail: CLOSED to OPEN.*\n$/);
  });

  it('follows those that come, over a restart of the program, each of them once', async () => {
    const terminal = new RecordedTerminal();
    const interrupted = new AbortController();
    const args = readArguments([program.url, '--follow', '--json', '--kind', 'state-change'], token);
    const running = events(args, terminal, interrupted.signal);
    await fail('mail');
    await terminal.seen(/"breaker":"mail"/);
    await program.stop();
    await fail('payments');
    await program.start();
    await terminal.seen(/"breaker":"payments"/);
    interrupted.abort();
    assert.equal(await running, 0);
    const ids = terminal.text.match(/"id":"[^"]+"/g) ?? [];
    assert.deepEqual([ids.length, new Set(ids).size], [2, 2]);
  });

  it('ends when the program refuses', async () => {
    const args = readArguments([program.url, '--follow'], {});
    await assert.rejects(events(args, new RecordedTerminal(), never), UsageError);
  });
});

describe('fusewire dashboard', () => {
  let interrupted: AbortController;
  let running: Promise<number>;
  let origin: string;
  beforeEach(async () => {
    interrupted = new AbortController();
    const terminal = new RecordedTerminal();
    running = serveDashboard(dashboard(), readArguments(['--url', program.url], token), terminal, interrupted.signal);
    await terminal.seen(/http:\/\/127\.0\.0\.1:\d+\/\n/);
    [origin = ''] = /http:\/\/127\.0\.0\.1:\d+(?=\/\n)/.exec(terminal.text) ?? [];
  });
  afterEach(async () => {
    interrupted.abort();
    assert.equal(await running, 0);
  });

  const change = (path: string, site: string) =>
    fetch(`${origin}/instances/0/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'sec-fetch-site': site },
      body: JSON.stringify({ reason: 'a test' }),
    });

  it('serves the page, and asks the program with the token, which the browser never gets', async () => {
    const page = await fetch(`${origin}/`);
    assert.match(page.headers.get('content-security-policy') ?? '', /require-trusted-types-for/);
    assert.match(await page.text(), /fusewire-sources/);
    const list = await fetch(`${origin}/instances/0/breakers`);
    const text = await list.text();
    assert.match(text, /"name":"payments"/);
    assert.doesNotMatch(text + JSON.stringify([...list.headers]), /good/);
  });

  it('passes a stream on as it comes', async () => {
    const stream = await fetch(`${origin}/instances/0/stream`);
    const reader = (stream.body as ReadableStream<Uint8Array>).getReader();
    const { value } = await reader.read();
    assert.match(new TextDecoder().decode(value), /^retry: /);
    await reader.cancel();
  });

  it('passes changes of its own page on, and refuses those of other sites', async () => {
    assert.equal((await change('breakers/mail/force-open', 'same-origin')).status, 200);
    assert.equal(program.breakers.get('mail')?.override, 'FORCED_OPEN');
    for (const site of ['cross-site', 'same-site', 'none']) {
      assert.equal((await change('breakers/payments/force-open', site)).status, 403);
    }
    assert.equal(program.breakers.get('payments')?.override, 'NONE');
  });

  it('asks the program for nothing outside of its management API', async () => {
    const before = program.asked.length;
    for (const path of ['../secret', '%2e%2e/secret', '/etc/passwd', '//evil.example/', '..%2fsecret']) {
      const { status } = await fetch(`${origin}/instances/0/${path}`);
      assert.ok(status >= 400, `${path}: ${status}`);
    }
    for (const path of [
      '/instances/1/breakers',
      '/instances/-1/breakers',
      '/instances/__proto__/breakers',
      '/files/nothing.js',
    ])
      assert.equal((await fetch(origin + path)).status, 404);
    const outside = program.asked.slice(before).filter(({ url }) => url?.startsWith('/ops/') !== true);
    assert.deepEqual(outside, []);
  });

  it('answers no page that reached it by another name', async () => {
    const status = await new Promise((resolve) => {
      get(`${origin}/instances/0/breakers`, { headers: { host: 'evil.example' } }, ({ statusCode }) =>
        resolve(statusCode),
      );
    });
    assert.equal(status, 421);
  });

  it('says that the program does not answer', async () => {
    await program.stop();
    assert.equal((await fetch(`${origin}/instances/0/breakers`)).status, 502);
  });
});

describe('the arguments', () => {
  const cases: readonly (readonly [string[], RegExp])[] = [
    [[], /give the URL/],
    [['ftp://host/'], /must begin with http/],
    [['nonsense'], /must begin with http/],
    [['http://ana:secret@host/'], /must have no password/],
    [['http://host/', '--header', 'nonsense'], /--header must be/],
    [['http://host/', '--interval', '1'], /--interval must be a whole number from 100/],
    [['http://host/', '--port', '70000'], /--port/],
    [['http://host/', '--limit', '0'], /--limit/],
    [['http://host/', '--fast'], /--fast/],
  ];
  for (const [args, message] of cases) {
    it(`are refused if they are ${args.join(' ') || 'missing'}`, () => {
      assert.throws(
        () => readArguments(args, {}),
        (error) => {
          assert.ok(error instanceof UsageError);
          assert.match(error.message, message);
          assert.doesNotMatch(error.message, /secret/);
          return true;
        },
      );
    });
  }
});
