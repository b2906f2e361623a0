import assert from 'node:assert/strict';
import process from 'node:process';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import { redact, redactingLogger, Redactor, redactText } from '@fusewire/operations/redaction';
import { PATTERNS } from '../src/redaction/text.ts';
import { plantedSecrets } from './secrets.ts';

const planted = plantedSecrets(4);

function assertHidden(text: string, { shape, hidden }: { shape: string; hidden: readonly string[] }): void {
  for (const part of hidden) assert.ok(!text.includes(part), `${shape}: ${part} in ${text}`);
}

describe('redactText', () => {
  test(`hides secrets of ${planted.length / 4} shapes`, () => {
    for (const secret of planted) assertHidden(redactText(secret.text), secret);
  });

  test('hides secrets inside JSON, inside JSON in JSON, and between other lines', () => {
    for (const secret of planted) {
      assertHidden(redactText(JSON.stringify({ message: secret.text, status: 500 })), secret);
      assertHidden(redactText(`Error: failed\n    ${secret.text}\n    at fetch (client.ts:1:2)`), secret);
      assertHidden(redactText(`a ${secret.text}, ${secret.text}; ${secret.text}`), secret);
    }
  });

  test('shows no part of a secret at which a text is cut', () => {
    for (const secret of planted.filter((_, index) => index % 4 === 0)) {
      for (let before = 4_096 - secret.text.length; before <= 4_096; before += 3) {
        const text = redactText(`${'word '.repeat(before / 5)}${secret.text} ${'more '.repeat(200)}`, 1_000_000 / 4);
        assertHidden(text, secret);
      }
      for (let before = 0; before < 1_000; before += 111) {
        const cut = redactText(`${'-'.repeat(before)} ${secret.text}${' '.repeat(4_096)}`, 1_000);
        assertHidden(cut, secret);
        assert.ok(cut.length <= 1_000);
      }
    }
  });

  test('keeps texts without secrets', () => {
    for (const text of [
      'connect ECONNREFUSED 127.0.0.1:5432',
      'Unexpected token < in JSON at position 0',
      'Token expired',
      'Basic authentication is not supported',
      'password authentication failed for user "app"',
      'HTTP 503 Service Unavailable for GET https://api.example.test:8443/v1/items?page=2',
      'duplicate key value violates unique constraint "orders_pkey"',
      'max_tokens: 500, total_tokens=1200',
      'at fetch (file:///srv/app/node_modules/@fusewire/http/dist/index.mjs:10:20)',
      'at pg@8.23.1 (/srv/app/node_modules/.pnpm/pg@8.23.1/lib/client.js:132:7)',
      'order 550e8400-e29b-41d4-a716-446655440000 at 2026-12-01T03:22:27.123Z took 1764558000000',
      'mpesa opened: 3 failures in 60 s (threshold 3), next attempt in 60 s',
    ]) {
      assert.equal(redactText(text), text);
    }
  });

  test('replaces known secrets as they are, in base64 and in a URL', () => {
    const secret = 'pass phrase/of + the client';
    const { text } = new Redactor({ secrets: [secret] });
    const forms = [secret, encodeURIComponent(secret), JSON.stringify(secret)];
    for (const form of forms) assert.ok(!text(`x ${form} y`).includes(form), form);
    for (const before of ['', 'a', 'ab', 'abc', 'user:']) {
      const encoded = btoa(`${before}${secret}`);
      assert.ok(text(encoded).length < encoded.length / 2, text(encoded));
    }
    assert.throws(() => new Redactor({ secrets: ['short'] }), /secrets/);
  });
});

describe('redact', () => {
  test('hides secrets by the names of fields, at any depth and in any kind of object', () => {
    const names =
      'apiKey api_key X-Api-Key accessToken password passwd clientSecret Authorization cookie set-cookie pin cvv user-pin DATABASE_URL sessionId authToken privateKey';
    for (const name of names.split(' ')) {
      for (const value of [
        { [name]: 'hidden-value' },
        { a: [{ [name]: 'hidden-value' }] },
        { [name]: { inner: 'hidden-value' } },
        new Map([[name, 'hidden-value']]),
        new Headers([[name.replaceAll(/_/g, '-'), 'hidden-value']]),
        Object.assign(new Error('failed'), { config: { headers: { [name]: 'hidden-value' } } }),
        new Error('failed', { cause: { [name]: 'hidden-value' } }),
      ]) {
        assert.ok(!JSON.stringify(redact(value)).includes('hidden-value'), `${name} in ${inspect(value)}`);
      }
    }
    assert.deepEqual(
      redact({ pin: 1234, userPin: 12, hasToken: true, token: null, total_tokens: 12, spinning: 'yes', author: 'Ann' }),
      {
        pin: '[secret]',
        userPin: '[secret]',
        hasToken: true,
        token: null,
        total_tokens: 12,
        spinning: 'yes',
        author: 'Ann',
      },
    );
  });

  test('hides secrets by further names and by paths', () => {
    const value = { taxId: 'a', customer: { address: 'b', name: 'c' }, items: [{ note: 'd' }] };
    const options = { keys: ['tax-id'], paths: ['customer.address', 'items.*.note'] };
    assert.deepEqual(redact(value, options), {
      taxId: '[secret]',
      customer: { address: '[secret]', name: 'c' },
      items: [{ note: '[secret]' }],
    });
  });

  test('hides secrets of every shape in texts, names and numbers', () => {
    for (const secret of planted) {
      const value = {
        [secret.text]: secret.text,
        list: [secret.text],
        set: new Set([secret.text]),
        symbol: Symbol(secret.text),
      };
      assertHidden(JSON.stringify(redact(value)), secret);
      assertHidden(JSON.stringify(redact(new Error(secret.text))), secret);
    }
    assert.deepEqual(redact([4_111_111_111_111_111, 254_712_345_678, 4_111_111_111_111_111n]), [
      '[card]',
      '[phone]',
      '[card]',
    ]);
  });

  test('keeps the stack of an error', () => {
    const error = new TypeError('no', { cause: new RangeError('why') });
    const copy = redact(error) as { name: string; stack: string; cause: { stack: string } };
    assert.equal(copy.name, 'TypeError');
    assert.equal(copy.stack, error.stack);
    assert.equal(copy.cause.stack, (error.cause as Error).stack);
  });

  test('survives hostile objects', () => {
    const fail = (): never => {
      throw new Error('hostile');
    };
    const traps = Object.fromEntries(Reflect.ownKeys(Reflect).map((trap) => [trap, fail])) as object;
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    const deep: Record<string, unknown> = {};
    let inner = deep;
    for (let depth = 0; depth < 100_000; depth++) inner = inner['a'] = {} as Record<string, unknown>;
    class Nasty extends Error {
      override get message(): string {
        return fail();
      }
      override get stack(): string {
        return fail();
      }
    }
    const endless = { toJSON: () => ({ toJSON: endless.toJSON }) };
    const hostile = [
      new Proxy({}, traps),
      new Proxy([], traps),
      new Proxy(() => undefined, traps),
      new Proxy(new Error('x'), traps),
      {
        get password() {
          return fail();
        },
        get name() {
          return fail();
        },
      },
      { toJSON: fail },
      {
        get toJSON() {
          return fail();
        },
      },
      endless,
      circular,
      deep,
      new Nasty(),
      Object.create(null),
      Object.assign(new Array(1e9), { 3: 'x' }),
      Array.from({ length: 1e6 }, (_, index) => index),
      Object.fromEntries(Array.from({ length: 1e5 }, (_, index) => [`k${index}`, index])),
      new Map([[circular, circular]]),
      { [Symbol('x')]: 1, big: 10n ** 400n, nan: NaN, none: undefined, fn: fail, date: new Date(NaN) },
      JSON.parse('{"__proto__":{"polluted":true}}'),
      '\uD800'.repeat(2_000),
      Promise.resolve(1),
      new Uint8Array(1e6),
      Buffer.from('secret'),
    ];
    for (const value of [...hostile, { all: hostile }]) {
      const text = JSON.stringify(redact(value));
      assert.equal(typeof text, 'string');
      assert.ok(text.length < 100_000);
      assert.ok(new Redactor().json(value).length <= 1_000);
    }
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  });
});

describe('redactingLogger', () => {
  test('hides secrets in messages, details, errors and what inspect prints of them', () => {
    const lines: string[] = [];
    const write = (...values: unknown[]) => lines.push(values.map((value) => inspect(value, { depth: 9 })).join(' '));
    const logger = redactingLogger({ debug: write, info: write, warn: write, error: write });
    for (const secret of planted) {
      lines.length = 0;
      logger.info(secret.text, { deep: { text: secret.text } });
      logger.error(
        'failed',
        Object.assign(new Error(secret.text, { cause: new Error(secret.text) }), { config: { data: secret.text } }),
      );
      logger.warn(secret.text);
      assert.equal(lines.length, 3);
      for (const line of lines) assertHidden(line, secret);
    }
  });

  test('passes an error on as an error of the same name and stack', () => {
    let passed: unknown;
    const logger = redactingLogger({ ...console, error: (_: string, details: unknown) => (passed = details) });
    const error = new RangeError('no');
    logger.error('x', error);
    assert.ok(passed instanceof Error);
    assert.deepEqual([passed.name, passed.message, passed.stack], ['RangeError', 'no', error.stack]);
  });
});

describe('the time of redaction', () => {
  test('is bounded by the patterns: a quantifier without a bound is the last part of its pattern', () => {
    for (const [{ source }] of PATTERNS) {
      const parts = source.replaceAll(/\\.|\[(?:\\.|[^\]])*\]/g, 'x');
      const unbounded = [...parts.matchAll(/[*+]|\{\d+,\}/g)];
      for (const { index, 0: quantifier } of unbounded) {
        const rest = parts.slice(index + quantifier.length);
        // Other branches may follow; in each, the quantifier is the last part.
        assert.match(rest, /^(?:\)|\||$)/, `${source}: ${rest}`);
      }
    }
  });

  test('grows in proportion to the text, for 1 MB of every hostile beginning', () => {
    const pieces = [
      'a',
      '1',
      ' ',
      '1 ',
      '@',
      'a@',
      'a@b.',
      '://',
      '://a:',
      '://a:b@',
      'eyJ',
      'eyJaaaaaaaaaaaaaaaaaaaaaa',
      'sk-',
      '-sk-',
      'AKIA',
      '+1',
      '07',
      '"',
      '\\',
      '\\"',
      'password',
      'password=',
      'password="',
      'password="\\',
      'token',
      'token ',
      'Basic a',
      'bearer ',
      '?key=',
      '&',
      'cookie',
      'cookie:',
      '<password',
      '<',
      '-----BEGIN PRIVATE KEY-----',
      '-----BEGIN A',
      '4111 1111 1111 1111 ',
      '(',
      '-',
      '.',
      '\n',
      'é',
      '\uD83D\uDE00',
    ];
    const spent = (text: string): number => {
      const times = [1, 2, 3].map(() => {
        const start = process.cpuUsage();
        redactText(text);
        const { user, system } = process.cpuUsage(start);
        return user + system;
      });
      return Math.max(2_000, Math.min(...times));
    };
    for (const piece of pieces) {
      const textOf = (length: number) => piece.repeat(Math.ceil(length / piece.length)).slice(0, length);
      const ratio = spent(textOf(1 << 20)) / spent(textOf(1 << 18));
      // Four times the text: 4 if the time is linear, 16 if it is quadratic.
      assert.ok(ratio < 10, `${JSON.stringify(piece)}: ${ratio.toFixed(1)} times as long`);
    }
  });
});
