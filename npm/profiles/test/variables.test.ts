import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { ConfigurationError } from '@fusewire/profiles';
import { env } from '@fusewire/profiles/env';
import type { VariableSchema, VariableValues } from '@fusewire/profiles/env';

const { boolean, integer, number, oneOf, read: readVariables, secret, text, url } = env;

/** Variables of conexxus-completion-report.md, "Validations" and "Environment Variables". */
const CONEXXUS = {
  CONEXXUS_API_URL: url({ required: true, protocols: ['http', 'https'], forbiddenHosts: ['example.com'] }),
  CONEXXUS_API_KEY: secret({ minimumLength: 10 }),
  CONEXXUS_TIMEOUT: integer({ default: 30_000, minimum: 1 }),
  CONEXXUS_RETRIES: integer({ default: 3, minimum: 0 }),
  CONEXXUS_RETRY_DELAY: integer({ default: 1_000, minimum: 0 }),
};
const VALID = { CONEXXUS_API_URL: 'https://api.conexxus.test/v1', CONEXXUS_API_KEY: 'k-0123456789' };

describe('env.read() with the variables of Conexxus', () => {
  const read = (values: VariableValues) => readVariables(values, CONEXXUS, { title: 'Conexxus', prefix: 'CONEXXUS_' });
  const message = (values: VariableValues) => messageOf(() => read({ ...VALID, ...values }));

  it('returns the values, with the defaults of the document', () => {
    assert.deepEqual(read({ ...VALID, CONEXXUS_RETRIES: ' 5 ', PATH: '/bin' }), {
      ...VALID,
      CONEXXUS_TIMEOUT: 30_000,
      CONEXXUS_RETRIES: 5,
      CONEXXUS_RETRY_DELAY: 1_000,
    });
  });

  it('throws with the message of its troubleshooting section', () => {
    assert.equal(
      message({ CONEXXUS_API_URL: 'https://api.example.com' }),
      'Conexxus configuration errors: CONEXXUS_API_URL points to example domain',
    );
  });

  it('reports every problem at once', () => {
    assert.equal(
      message({
        CONEXXUS_API_URL: 'ftp://files',
        CONEXXUS_API_KEY: 'short',
        CONEXXUS_TIMEOUT: '30s',
        CONEXXUS_RETRIES: '-1',
        CONEXXUS_RETRY_DELAI: '1',
      }),
      'Conexxus configuration errors: ' +
        'CONEXXUS_API_URL must start with http:// or https://; ' +
        'CONEXXUS_API_KEY is too short, it takes at least 10 characters; ' +
        'CONEXXUS_TIMEOUT must be a whole number from 1 on, got "30s"; ' +
        'CONEXXUS_RETRIES must be a whole number from 0 on, got "-1"; ' +
        'CONEXXUS_RETRY_DELAI is not a variable of this program; did you mean CONEXXUS_RETRY_DELAY?',
    );
  });

  it('rejects missing and empty variables', () => {
    const missing = 'CONEXXUS_API_URL is not configured; CONEXXUS_API_KEY is not configured';
    assert.equal(message({ CONEXXUS_API_URL: '', CONEXXUS_API_KEY: ' ' }), `Conexxus configuration errors: ${missing}`);
    assert.equal(
      messageOf(() => readVariables({}, CONEXXUS)),
      `Configuration errors: ${missing}`,
    );
  });
});

describe('env.read() with the variables of campaign', () => {
  const CAMPAIGN = {
    N8N_INSTANCE_URL: url(),
    N8N_API_KEY: secret(),
    SUPABASE_URL: url(),
    SUPABASE_SERVICE_ROLE_KEY: secret(),
  };

  it('returns the four values, and names each that is missing or invalid', () => {
    const values = {
      N8N_INSTANCE_URL: 'https://workflows.campaign.test',
      N8N_API_KEY: 'n8n-0123456789',
      SUPABASE_URL: 'https://database.campaign.test',
      SUPABASE_SERVICE_ROLE_KEY: 'role-0123456789',
    };
    assert.deepEqual({ ...readVariables(values, CAMPAIGN) }, values);
    const read = () => readVariables({ N8N_INSTANCE_URL: 'workflows', SUPABASE_URL: values.SUPABASE_URL }, CAMPAIGN);
    for (const name of ['N8N_INSTANCE_URL', 'N8N_API_KEY', 'SUPABASE_SERVICE_ROLE_KEY']) {
      assert.match(messageOf(read), new RegExp(`\\b${name} `));
    }
  });
});

describe('url()', () => {
  const message = (value: string, options: object = {}) =>
    messageOf(() => readVariables({ U: value }, { U: url(options) }));
  const EXAMPLES = [
    'https://example.com',
    'http://example.com:8080/path',
    'https://EXAMPLE.com',
    'https://example.com.',
    'https://api.example.com',
    'https://api.v2.Example.ORG./',
    'https://example.net?x=1',
    'https://service.example',
    'https://user:password@example.com',
    'https://real.test@example.com',
    'https://real.test:secret@api.example.com/',
    'https://ex%61mple.com',
    'https://ｅxample.com',
    ' HTTPS://example.com ',
  ];
  for (const value of EXAMPLES) {
    it(`rejects ${value}, which points to an example domain`, () => {
      assert.equal(message(value), 'Configuration errors: U points to example domain');
    });
  }

  it('checks the host of another protocol too', () => {
    const postgres = { protocols: ['postgres:'] };
    assert.match(message('postgres://user:pass@DB.Ex%61mple.COM.:5432/x', postgres), /points to example domain$/);
    assert.deepEqual(readVariables({ U: 'postgres://db/x' }, { U: url(postgres) }), { U: 'postgres://db/x' });
  });

  for (const value of [
    'https://example.com.real.test',
    'https://myexample.com',
    'https://real.test/example.com',
    'https://example.com@real.test/',
    'http://127.0.0.1:3000',
    'http://localhost',
    'https://[::1]/',
  ]) {
    it(`accepts ${value}`, () => assert.deepEqual(readVariables({ U: value }, { U: url() }), { U: value }));
  }

  it('rejects an invalid URL', () => {
    for (const value of ['https://', 'https://a b/', 'http://:80'])
      assert.match(message(value), /U is not a valid URL$/);
    for (const value of ['real.test', 'https:real.test', 'javascript:alert(1)', '//real.test']) {
      assert.match(message(value), /U must start with http:\/\/ or https:\/\/$/);
    }
  });

  it('rejects the hosts in forbiddenHosts instead of the example domains', () => {
    const allowed = readVariables({ U: 'https://example.com' }, { U: url({ forbiddenHosts: [] }) });
    assert.equal(allowed.U, 'https://example.com');
    assert.match(message('https://old.api.test', { forbiddenHosts: ['API.test.'] }), /U points to a forbidden host$/);
    assert.match(message('https://example.org', { forbiddenHosts: ['api.test'] }), /^$/);
  });
});

describe('env.read()', () => {
  const cases: readonly (readonly [string, VariableSchema[string], string, unknown])[] = [
    ['integer', integer(), '30000', 30_000],
    ['integer', integer(), '-7', -7],
    ['number', number({ minimum: 0, maximum: 1 }), '.25', 0.25],
    ['number', number(), '1e3', 1000],
    ['boolean', boolean(), 'true', true],
    ['boolean', boolean(), 'false', false],
    ['oneOf', oneOf(['debug', 'info']), 'info', 'info'],
    ['text', text({ pattern: /^[a-z]+$/g }), ' abc ', 'abc'],
  ];
  for (const [kind, variable, input, value] of cases) {
    it(`reads ${JSON.stringify(input)} as ${kind}`, () =>
      assert.deepEqual(readVariables({ V: input }, { V: variable }), { V: value }));
  }

  const rejected: readonly (readonly [VariableSchema[string], string, string])[] = [
    [integer(), '1.5', 'must be a whole number, got "1.5"'],
    [integer(), '0x10', 'must be a whole number, got "0x10"'],
    [integer(), '30_000', 'must be a whole number, got "30_000"'],
    [integer(), '9007199254740993', 'must be a whole number, got "9007199254740993"'],
    [integer({ maximum: 9 }), '10', 'must be a whole number up to 9, got "10"'],
    [number(), 'Infinity', 'must be a number, got "Infinity"'],
    [number(), 'NaN', 'must be a number, got "NaN"'],
    [number(), '1e999', 'must be a number, got "1e999"'],
    [boolean(), '1', 'must be true or false, got "1"'],
    [boolean(), 'TRUE', 'must be true or false, got "TRUE"'],
    [oneOf(['debug', 'info']), 'Info', 'must be debug or info, got "Info"'],
    [text({ pattern: /^[a-z]+$/ }), 'A', 'does not match /^[a-z]+$/, got "A"'],
    [text({ minimumLength: 3 }), 'ab', 'is too short, it takes at least 3 characters'],
    [secret(), 'abcdefgh\n', 'begins or ends with a blank or a line break'],
  ];
  for (const [variable, input, complaint] of rejected) {
    it(`rejects ${JSON.stringify(input)}: ${complaint}`, () => {
      assert.equal(
        messageOf(() => readVariables({ V: input }, { V: variable })),
        `Configuration errors: V ${complaint}`,
      );
    });
  }

  it('rejects a value that is no string, without showing it', () => {
    const values = { A: 12_345_678, B: null, C: ['c'], API_KEY: 87_654_321 } as unknown as VariableValues;
    assert.equal(
      messageOf(() => readVariables(values, { A: integer(), B: text(), C: boolean(), API_KEY: secret() })),
      'Configuration errors: A must be a string, got a value of type number; B must be a string, got null; ' +
        'C must be a string, got a value of type object; API_KEY must be a string, got a value of type number',
    );
  });

  it('returns the default of a variable that is not set, or undefined if it has none', () => {
    const read = readVariables(
      {},
      { A: integer({ default: 1 }), B: text({ required: false }), C: secret({ required: false }) },
    );
    assert.deepEqual(read, { A: 1, B: undefined, C: undefined });
  });

  it('returns values of the types in the schema', () => {
    const read = readVariables(
      { A: '1', S: 's3cret' },
      {
        A: integer({ default: 1 }),
        B: number({ required: false }),
        L: oneOf(['debug', 'info'], { default: 'info' }),
        S: secret(),
      },
    );
    const a: number = read.A;
    const b: number | undefined = read.B;
    const l: 'debug' | 'info' = read.L;
    const s: string = read.S;
    assert.deepEqual([a, b, l, s], [1, undefined, 'info', 's3cret']);
    // @ts-expect-error it may be undefined
    const never: number = read.B;
    // @ts-expect-error there is no such variable
    assert.deepEqual([never, read.X], [undefined, undefined]);
  });
});

describe('invalid schemas', () => {
  for (const [option, create] of [
    ['minimun', () => integer({ minimun: 1 } as object)],
    ['default', () => integer({ default: 1.5 })],
    ['default', () => integer({ default: 5, maximum: 4 })],
    ['required', () => integer({ default: 5, required: true })],
    ['maximum', () => integer({ minimum: 5, maximum: 4 })],
    ['default', () => secret({ default: 'x' } as object)],
    ['default', () => url({ default: 'https://api.example.com' })],
    ['protocols', () => url({ protocols: 'https' as never })],
    ['words', () => oneOf([])],
    ['words', () => oneOf([''])],
    ['words', () => oneOf(undefined as never)],
    ['words', () => oneOf('red' as never)],
    ['words', () => oneOf([Symbol('red')] as never)],
    ['title', () => readVariables({}, {}, { title: 3 as never })],
    ['prefix', () => readVariables({}, {}, { prefix: '' })],
    ['prefixes', () => readVariables({}, {}, { prefixes: 'A_' } as object)],
    ['options', () => readVariables({}, {}, null as never)],
    ['default', () => oneOf(['a', 'b'], { default: 'c' as 'a' })],
    ['pattern', () => text({ pattern: 'x' as never })],
  ] as const) {
    it(`are rejected for the option ${option}: ${String(create).replace('() => ', '')}`, () => {
      assert.throws(create, (error: { code: string; problems: { option: string }[] }) => {
        assert.equal(error.code, 'ERR_OPTIONS');
        return error.problems.some((problem) => problem.option === option);
      });
    });
  }

  it('are rejected with a TypeError if they contain anything but variables', () => {
    for (const schema of [undefined, null, 3, { A: undefined }, { A: {} }, { A: text(), B: text }]) {
      assert.throws(() => readVariables({}, schema as never), { name: 'TypeError', message: /^env\.read: / });
    }
    for (const values of [undefined, null, 'A=1']) {
      assert.throws(() => readVariables(values as never, {}), { name: 'TypeError', message: /^env\.read: / });
    }
  });
});

describe('the message for an unknown name', () => {
  const names = ['DATABASE_TIMEOUT', 'DATABASE_FAILURE_THRESHOLD', 'DATABASE_URL'];
  const schema = Object.fromEntries(names.map((name) => [name, text({ required: false })]));
  for (const [name, suggested] of [
    ['DATABASE_TIMEUOT', 'DATABASE_TIMEOUT'],
    ['DATABASE_TIMEOU', 'DATABASE_TIMEOUT'],
    ['database_timeout', 'DATABASE_TIMEOUT'],
    ['DATABASE_URI', 'DATABASE_URL'],
    ['DATABASE_FAILURES_TRESHOLD', 'DATABASE_FAILURE_THRESHOLD'],
    ['DATABASE_TRESHOLD', undefined],
    ['DATABASE_X', undefined],
    ['DATABASE_HOST', undefined],
  ] as const) {
    it(`suggests ${suggested ?? 'nothing'} for ${name}`, () => {
      const suggestion = suggested === undefined ? '' : `; did you mean ${suggested}?`;
      assert.equal(
        messageOf(() => readVariables({ [name]: '1' }, schema, { prefix: 'DATABASE_' })),
        `Configuration errors: ${name} is not a variable of this program${suggestion}`,
      );
    });
  }
});

describe('an error contains no secret', () => {
  const KEY = 'correct-horse-battery';
  const SHORT = 'hunter2!';
  const outputsOf = (subject: unknown) => [
    inspect(subject, { depth: 9, showHidden: true }),
    JSON.stringify(subject),
    `${subject}`,
  ];

  const cases: readonly (readonly [string, VariableValues, VariableSchema])[] = [
    ['that is too short', { A: KEY }, { A: secret({ minimumLength: 99 }) }],
    ['with a line break', { A: `${KEY}\n` }, { A: secret() }],
    ['in a variable whose name is that of a secret', { DB_PASSWORD: SHORT }, { DB_PASSWORD: integer() }],
    ['in a variable with a name in camel case', { apiKey: SHORT }, { apiKey: boolean() }],
    ['that looks like a key', { LIMIT: 'sk_live_4242' }, { LIMIT: integer() }],
    ['that is long', { LIMIT: 'a'.repeat(40) }, { LIMIT: integer() }],
    ['that another variable contains too', { LIMIT: SHORT, API_TOKEN: SHORT }, { LIMIT: integer() }],
    ['of which another variable contains a part', { LIMIT: SHORT, API_TOKEN: `x${SHORT}` }, { LIMIT: integer() }],
    ['in a URL', { U: `https://user:${SHORT}@api.example.com` }, { U: url() }],
    ['in a URL of another protocol', { U: `ftp://user:${SHORT}@real.test` }, { U: url() }],
    ['that matches no pattern', { PIN: `x${KEY}1` }, { PIN: text({ pattern: /^\d+$/ }) }],
    ['of an unknown variable', { APP_API_KEY_: SHORT, A: 'x' }, { A: integer() }],
  ];
  for (const [title, values, schema] of cases) {
    it(title, () => {
      try {
        readVariables(values, schema, { prefix: 'APP_' });
        assert.fail('no error was thrown');
      } catch (error) {
        assert.ok(error instanceof ConfigurationError, String(error));
        const { stack, message, cause } = error;
        for (const output of [
          ...outputsOf(error),
          ...outputsOf({ error }),
          JSON.stringify(error.problems),
          stack,
          message,
          `${cause}`,
        ]) {
          for (const value of Object.values(values)) {
            if (value !== 'x') assert.ok(!output?.includes(value?.trim() as string), output);
          }
        }
      }
    });
  }

  it('and the result of env.read() hides secrets when printed', () => {
    const address = `postgres://user:${SHORT}@db/x`;
    const values = { A_KEY: KEY, DATABASE_URL: address, B: 'b', GATEWAY_PASSWORD: SHORT, TOKEN_LIFETIME: '60' };
    const read = readVariables(values, {
      A_KEY: secret(),
      DATABASE_URL: url({ protocols: ['postgres'] }),
      B: text(),
      C_KEY: secret({ required: false }),
      GATEWAY_PASSWORD: text(),
      TOKEN_LIFETIME: integer(),
    });
    assert.equal(read.A_KEY, KEY);
    assert.equal(read.DATABASE_URL, values.DATABASE_URL);
    const shown = {
      A_KEY: '[secret]',
      DATABASE_URL: '[secret]',
      B: 'b',
      C_KEY: undefined,
      GATEWAY_PASSWORD: '[secret]',
      TOKEN_LIFETIME: 60,
    };
    assert.equal(inspect(read), inspect(shown));
    assert.equal(JSON.stringify({ read }), JSON.stringify({ read: shown }));
  });
});

function messageOf(read: () => unknown): string {
  try {
    read();
    return '';
  } catch (error) {
    assert.ok(error instanceof ConfigurationError, String(error));
    assert.equal(error.code, 'ERR_CONFIGURATION');
    assert.deepEqual(
      error.message.split(': ').slice(1).join(': '),
      error.problems.map(({ message }) => message).join('; '),
    );
    return error.message;
  }
}
