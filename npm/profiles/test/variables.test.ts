import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import {
  boolean,
  integer,
  isConfigurationError,
  number,
  oneOf,
  readVariables,
  secret,
  text,
  url,
} from '@fusewire/profiles';
import type { VariableSchema, VariableValues } from '@fusewire/profiles';

/** As the document of Conexxus wants them: "Validations" and "Environment Variables". */
const CONEXXUS = {
  CONEXXUS_API_URL: url({ required: true, protocols: ['http', 'https'], forbiddenHosts: ['example.com'] }),
  CONEXXUS_API_KEY: secret({ minimumLength: 10 }),
  CONEXXUS_TIMEOUT: integer({ default: 30_000, minimum: 1 }),
  CONEXXUS_RETRIES: integer({ default: 3, minimum: 0 }),
  CONEXXUS_RETRY_DELAY: integer({ default: 1_000, minimum: 0 }),
};
const SOUND = { CONEXXUS_API_URL: 'https://api.conexxus.test/v1', CONEXXUS_API_KEY: 'k-0123456789' };

describe('the variables of Conexxus', () => {
  const read = (values: VariableValues) => readVariables(values, CONEXXUS, { title: 'Conexxus', prefix: 'CONEXXUS_' });
  const message = (values: VariableValues) => messageOf(() => read({ ...SOUND, ...values }));

  it('are read, with the defaults of the document', () => {
    assert.deepEqual(read({ ...SOUND, CONEXXUS_RETRIES: ' 5 ', PATH: '/bin' }), {
      ...SOUND,
      CONEXXUS_TIMEOUT: 30_000,
      CONEXXUS_RETRIES: 5,
      CONEXXUS_RETRY_DELAY: 1_000,
    });
  });

  it('fail with the message of its troubleshooting', () => {
    assert.equal(
      message({ CONEXXUS_API_URL: 'https://api.example.com' }),
      'Conexxus configuration errors: CONEXXUS_API_URL points to example domain',
    );
  });

  it('fail with everything at once', () => {
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
        'CONEXXUS_RETRY_DELAI is not a variable of this program, did you mean CONEXXUS_RETRY_DELAY?',
    );
  });

  it('are to be there, and what is empty is not', () => {
    const missing = 'CONEXXUS_API_URL is not configured; CONEXXUS_API_KEY is not configured';
    assert.equal(message({ CONEXXUS_API_URL: '', CONEXXUS_API_KEY: ' ' }), `Conexxus configuration errors: ${missing}`);
    assert.equal(
      messageOf(() => readVariables({}, CONEXXUS)),
      `Configuration errors: ${missing}`,
    );
  });
});

describe('an address', () => {
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
    it(`${value} points to an example`, () => {
      assert.equal(message(value), 'Configuration errors: U points to example domain');
    });
  }

  it('of another protocol is looked at as closely', () => {
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
    it(`${value} does not`, () => assert.deepEqual(readVariables({ U: value }, { U: url() }), { U: value }));
  }

  it('has to be one', () => {
    for (const value of ['https://', 'https://a b/', 'http://:80'])
      assert.match(message(value), /U is no valid address$/);
    for (const value of ['real.test', 'https:real.test', 'javascript:alert(1)', '//real.test']) {
      assert.match(message(value), /U must start with http:\/\/ or https:\/\/$/);
    }
  });

  it('may be allowed to be an example, and forbidden to be something else', () => {
    const allowed = readVariables({ U: 'https://example.com' }, { U: url({ forbiddenHosts: [] }) });
    assert.equal(allowed.U, 'https://example.com');
    assert.match(message('https://old.api.test', { forbiddenHosts: ['API.test.'] }), /U points to a forbidden host$/);
    assert.match(message('https://example.org', { forbiddenHosts: ['api.test'] }), /^$/);
  });
});

describe('a value', () => {
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
  for (const [kind, variable, given, value] of cases) {
    it(`${kind} ${given}`, () => assert.deepEqual(readVariables({ V: given }, { V: variable }), { V: value }));
  }

  const refused: readonly (readonly [VariableSchema[string], string, string])[] = [
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
  for (const [variable, given, complaint] of refused) {
    it(`${JSON.stringify(given)} ${complaint}`, () => {
      assert.equal(
        messageOf(() => readVariables({ V: given }, { V: variable })),
        `Configuration errors: V ${complaint}`,
      );
    });
  }

  it('that is no text is told of, and not shown', () => {
    const values = { A: 12_345_678, B: null, C: ['c'], API_KEY: 87_654_321 } as unknown as VariableValues;
    assert.equal(
      messageOf(() => readVariables(values, { A: integer(), B: text(), C: boolean(), API_KEY: secret() })),
      'Configuration errors: A must be a text, got a value of type number; B must be a text, got null; ' +
        'C must be a text, got a value of type object; API_KEY must be a text, got a value of type number',
    );
  });

  it('that is not set is its default, or undefined where it need not be', () => {
    const read = readVariables(
      {},
      { A: integer({ default: 1 }), B: text({ required: false }), C: secret({ required: false }) },
    );
    assert.deepEqual(read, { A: 1, B: undefined, C: undefined });
  });

  it('has the type of its variable', () => {
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

describe('a schema that is wrong is refused', () => {
  for (const [declared, make] of [
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
    it(`${declared}: ${String(make)}`, () => {
      assert.throws(make, (error: { code: string; problems: { option: string }[] }) => {
        assert.equal(error.code, 'EBREAKEROPTIONS');
        return error.problems.some(({ option }) => option === declared);
      });
    });
  }

  it('and so is what is no variable, and what holds none', () => {
    for (const schema of [undefined, null, 3, { A: undefined }, { A: {} }, { A: text(), B: text }]) {
      assert.throws(() => readVariables({}, schema as never), { name: 'TypeError', message: /^readVariables takes / });
    }
    for (const values of [undefined, null, 'A=1']) {
      assert.throws(() => readVariables(values as never, {}), { name: 'TypeError', message: /^readVariables takes / });
    }
  });
});

describe('a name that is misspelt', () => {
  const names = ['DATABASE_TIMEOUT', 'DATABASE_FAILURE_THRESHOLD', 'DATABASE_URL'];
  const schema = Object.fromEntries(names.map((name) => [name, text({ required: false })]));
  for (const [given, meant] of [
    ['DATABASE_TIMEUOT', 'DATABASE_TIMEOUT'],
    ['DATABASE_TIMEOU', 'DATABASE_TIMEOUT'],
    ['database_timeout', 'DATABASE_TIMEOUT'],
    ['DATABASE_URI', 'DATABASE_URL'],
    ['DATABASE_FAILURES_TRESHOLD', 'DATABASE_FAILURE_THRESHOLD'],
    ['DATABASE_TRESHOLD', undefined],
    ['DATABASE_X', undefined],
    ['DATABASE_HOST', undefined],
  ] as const) {
    it(`${given} is ${meant ?? 'anything'}`, () => {
      const question = meant === undefined ? '' : `, did you mean ${meant}?`;
      assert.equal(
        messageOf(() => readVariables({ [given]: '1' }, schema, { prefix: 'DATABASE_' })),
        `Configuration errors: ${given} is not a variable of this program${question}`,
      );
    });
  }
});

describe('a secret is not told', () => {
  const KEY = 'correct-horse-battery';
  const SHORT = 'hunter2!';
  const told = (subject: unknown) => [
    inspect(subject, { depth: 9, showHidden: true }),
    JSON.stringify(subject),
    `${subject}`,
  ];

  const paths: readonly (readonly [string, VariableValues, VariableSchema])[] = [
    ['too short', { A: KEY }, { A: secret({ minimumLength: 99 }) }],
    ['with a line break', { A: `${KEY}\n` }, { A: secret() }],
    ['in a variable that sounds secret', { DB_PASSWORD: SHORT }, { DB_PASSWORD: integer() }],
    ['in a variable in camel case', { apiKey: SHORT }, { apiKey: boolean() }],
    ['that looks like a key', { LIMIT: 'sk_live_4242' }, { LIMIT: integer() }],
    ['that is long', { LIMIT: 'a'.repeat(40) }, { LIMIT: integer() }],
    ['that stands in the wrong variable, too', { LIMIT: SHORT, API_TOKEN: SHORT }, { LIMIT: integer() }],
    ['of which a part stands in the wrong variable', { LIMIT: SHORT, API_TOKEN: `x${SHORT}` }, { LIMIT: integer() }],
    ['in an address', { U: `https://user:${SHORT}@api.example.com` }, { U: url() }],
    ['in an address of another protocol', { U: `ftp://user:${SHORT}@real.test` }, { U: url() }],
    ['that matches no pattern', { PIN: `x${KEY}1` }, { PIN: text({ pattern: /^\d+$/ }) }],
    ['of a variable that is unknown', { APP_API_KEY_: SHORT, A: 'x' }, { A: integer() }],
  ];
  for (const [path, values, schema] of paths) {
    it(path, () => {
      try {
        readVariables(values, schema, { prefix: 'APP_' });
        assert.fail('it was taken');
      } catch (error) {
        assert.ok(isConfigurationError(error), String(error));
        const { stack, message, cause } = error;
        for (const said of [
          ...told(error),
          ...told({ error }),
          JSON.stringify(error.problems),
          stack,
          message,
          `${cause}`,
        ]) {
          for (const value of Object.values(values)) {
            if (value !== 'x') assert.ok(!said?.includes(value?.trim() as string), said);
          }
        }
      }
    });
  }

  it('by what is returned', () => {
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
    assert.ok(isConfigurationError(error), String(error));
    assert.equal(error.code, 'ECONFIGURATION');
    assert.deepEqual(
      error.message.split(': ').slice(1).join(': '),
      error.problems.map(({ message }) => message).join('; '),
    );
    return error.message;
  }
}
