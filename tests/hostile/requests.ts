import type { Random } from './random.ts';

/** Route of the table under test. */
export interface Target {
  readonly method: string;
  readonly path: string;
}

/** Request as the generator describes it, so that it can be shown and sent again. */
export interface HostileRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: HostileBody | undefined;
}

/** Body of a hostile request: text, or chunks that end with an error if `breaks`. */
export interface HostileBody {
  readonly chunks: readonly Uint8Array[];
  readonly breaks: boolean;
}

/** Origin of the requests. */
export const ORIGIN = 'http://ops.test';
/** Header of those who may do everything. */
export const TOKEN = 'Bearer correct horse';

const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PATCH',
  'PUT',
  'DELETE',
  'OPTIONS',
  'PURGE',
  'PROPFIND',
  'get',
  'x'.repeat(300),
];

const NAMES = [
  ...[
    'mpesa',
    'sms',
    'email',
    'mail',
    '7',
    'migrate',
    'missing',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
  ],
  ...[
    '..',
    '%2e%2e',
    '%252e%252e%252f',
    '..%2f..%2fetc%2fpasswd',
    '..%5c',
    '.',
    '%',
    '%zz',
    '%00',
    '%0d%0aset-cookie:x=1',
  ],
  ...[
    '%ff%fe',
    '%ed%a0%80',
    '%f0%9f%92%a3',
    '%E2%80%A8',
    "'--",
    '%3Cscript%3E',
    '{breaker}',
    '*',
    '~',
    '%7f',
    '%C2%85',
    '%EF%BB%BF',
  ],
  ...[
    'x'.repeat(200),
    'x'.repeat(201),
    'x'.repeat(3_000),
    '',
    ' ',
    '%20',
    ';a=b',
    'a;b',
    '@',
    'null',
    'undefined',
    'NaN',
    '-0',
    '1e999',
  ],
];

const PATHS = [
  ...['', '/', '//', '/../..', '/%2e%2e/%2e%2e', '/ops', '/ops/', '/ops//breakers', '/ops/breakers/', '/OPS/breakers'],
  ...[
    '/ops/breakers/../../x',
    '/ops/./breakers',
    '/ops/breakers%2fsms',
    '/ops/__proto__',
    '/ops/constructor',
    '/favicon.ico',
  ],
  ...[
    '//evil.test/ops/breakers',
    '/ops/breakers/sms/reset/',
    '/ops/breakers/sms/reset/x',
    `/${'a/'.repeat(1_500)}`,
    '/ops\\breakers',
  ],
];

const WORDS = [
  ...[
    '',
    '0',
    '-1',
    '1e3',
    '1.5',
    'NaN',
    'Infinity',
    '99999999999999999999',
    'true',
    'TRUE',
    'yes',
    'OPEN',
    'open',
    'null',
  ],
  ...[
    '%00',
    '%ff',
    '%0d%0ax: y',
    '<script>',
    "' or 1=1",
    '__proto__',
    '*',
    'state-*',
    '%F0%9F%92%A3',
    'x'.repeat(5_000),
    '1',
    '50',
  ],
  ...['newest', 'oldest', 'warning', 'critical', '0x10', '+1', ' 1', '1 ', '٣', '９', '0000000000000001'],
];

const FIELDS = [
  ...[
    'detailed',
    'state',
    'search',
    'after',
    'limit',
    'breaker',
    'kind',
    'severity',
    'instance',
    'actor',
    'since',
    'until',
  ],
  ...[
    'order',
    'cursor',
    'breakers',
    'topic',
    '__proto__',
    'constructor',
    '',
    'limit[]',
    'limit.x',
    '%00',
    'x'.repeat(500),
  ],
];

const VALUES: readonly string[] = [
  ...[
    'null',
    'true',
    'false',
    '0',
    '-0',
    '-1',
    '1',
    '5000',
    '1e308',
    '1e999',
    '0.1',
    '2147483648',
    '99999999999999999999',
  ],
  ...[
    '""',
    '"x"',
    '"\\u0000"',
    '"\\ud800"',
    '"\\u2028"',
    '"__proto__"',
    '"a\\r\\nb: c"',
    `"${'y'.repeat(600)}"`,
    '"😀"',
    '"<script>"',
  ],
  ...['[]', '{}', '[1,2,3]', '{"__proto__":{"polluted":true}}', '{"constructor":{"prototype":{"polluted":true}}}'],
  ...[
    '{"failureThreshold":1}',
    '{"failureThreshold":false,"timeout":"x"}',
    '{"resetTimeout":{"initial":1,"max":2}}',
    '{"enabled":false}',
  ],
  ...[
    '{"halfOpen":{"probes":1e9}}',
    '{"recovery":{"over":-1}}',
    '{"failureRateThreshold":1.0000001}',
    '{"name":"other"}',
    '{"clock":1}',
  ],
  `${'['.repeat(2_000)}${']'.repeat(2_000)}`,
  `${'{"a":'.repeat(500)}1${'}'.repeat(500)}`,
];

const KEYS = [
  ...[
    'reason',
    'holder',
    'ttl',
    'options',
    'now',
    'duration',
    'serviceName',
    'shouldFail',
    'iterations',
    'delay',
    'limit',
  ],
  ...[
    'action',
    'name',
    '__proto__',
    'constructor',
    'toString',
    '',
    'breaker',
    'x'.repeat(300),
    'reason\\u0000',
    'rèason',
  ],
];

const TYPES = [
  ...[
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset=utf-16',
    'text/plain',
    'application/xml',
  ],
  ...[
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    'APPLICATION/JSON',
    '',
    ',',
    'x'.repeat(5_000),
  ],
];

const HEADERS: readonly (readonly [string, readonly string[]])[] = [
  ['content-type', TYPES],
  ['content-encoding', ['gzip', 'br', 'identity', 'x']],
  ['content-length', ['0', '-1', '1e9', '99999999999', 'x']],
  ['origin', [ORIGIN, 'https://evil.test', 'null', 'http://ops.test.evil.test', 'x', 'http://[', 'file://']],
  ['sec-fetch-site', ['same-origin', 'none', 'cross-site', 'same-site', 'x']],
  ['x-requested-with', ['', 'XMLHttpRequest']],
  ['if-none-match', ['*', 'W/"x"', '"', ',,,,', `"${'z'.repeat(9_000)}"`]],
  ['last-event-id', ['0', '-1', 'x'.repeat(400), '%00']],
  ['accept', ['*/*', 'text/html', 'x'.repeat(4_000)]],
  ['x-http-method-override', ['DELETE']],
  ['x-forwarded-host', ['evil.test']],
  ['host', ['evil.test']],
  ['transfer-encoding', ['chunked']],
  ['cookie', ['session=1', '__proto__=1']],
];

const AUTHORIZATIONS = [
  'Bearer',
  'Bearer x',
  'Bearer correct horse ',
  'bearer correct horse!',
  'Basic YTpi',
  '\u00ff',
  'null',
  TOKEN.slice(1),
];

/** Returns the next hostile request. One in two is allowed by its token; many are nearly valid. */
export function hostileRequest(random: Random, targets: readonly Target[]): HostileRequest {
  const target = random.pick(targets);
  const method = random.oneIn(5) ? random.pick(METHODS) : target.method;
  const path = random.oneIn(8) ? random.pick(PATHS) : pathOf(random, target.path);
  const query = random.oneIn(3) ? queryOf(random) : '';
  const headers = headersOf(random);
  const hasBody = !['GET', 'HEAD', 'get'].includes(method) && !random.oneIn(6);
  return { method, url: ORIGIN + path + query, headers, body: hasBody ? bodyOf(random) : undefined };
}

function pathOf(random: Random, template: string): string {
  const filled = template.replaceAll(/\{\w+\}/g, () =>
    random.oneIn(2) ? random.pick(['sms', 'mpesa', 'mail', '7', 'migrate']) : random.pick(NAMES),
  );
  return random.oneIn(20) ? `${filled}/${random.pick(NAMES)}` : filled;
}

function queryOf(random: Random): string {
  const count = random.oneIn(50) ? 200 : random.below(4);
  const pairs = Array.from({ length: count }, () => `${random.pick(FIELDS)}=${random.pick(WORDS)}`);
  return `?${pairs.join(random.pick(['&', '&&', ';', '&=&']))}`;
}

function headersOf(random: Random): (readonly [string, string])[] {
  const headers = new Map<string, string>([['content-type', 'application/json']]);
  for (let count = random.below(4); count > 0; count--) {
    const [name, values] = random.pick(HEADERS);
    headers.set(name, random.pick(values));
  }
  if (!random.oneIn(4)) headers.set('authorization', random.oneIn(3) ? random.pick(AUTHORIZATIONS) : TOKEN);
  return [...headers];
}

const encoder = new TextEncoder();

function bodyOf(random: Random): HostileBody {
  const text = textOf(random);
  const bytes = random.oneIn(30) ? Uint8Array.from({ length: 50 }, () => random.below(256)) : encoder.encode(text);
  const chunks = random.oneIn(10) ? [...bytes].slice(0, 500).map((byte) => Uint8Array.of(byte)) : [bytes];
  return { chunks, breaks: random.oneIn(40) };
}

function textOf(random: Random): string {
  if (random.oneIn(12))
    return random.pick([
      '',
      ' ',
      '{',
      '}',
      '[]',
      'null',
      '{"a":1',
      "{'a':1}",
      '{"a":1,}',
      '\ufeff{}',
      '{}{}',
      'a=b',
      '<a/>',
    ]);
  if (random.oneIn(40)) return JSON.stringify({ reason: 'z'.repeat(70_000) });
  const entries = Array.from({ length: random.below(5) }, () => `"${random.pick(KEYS)}":${random.pick(VALUES)}`);
  if (random.oneIn(2)) entries.push('"reason":"test"');
  if (random.oneIn(3))
    entries.push(
      random.pick([
        '"options":{"failureThreshold":2}',
        '"serviceName":"s"',
        '"delay":100',
        '"action":"reset","name":"sms"',
        '"ttl":1000',
      ]),
    );
  return `{${entries.join(',')}}`;
}

/** Returns the request to send; undefined if no client could send it. */
export function requestOf({ method, url, headers, body }: HostileRequest): Request | undefined {
  try {
    return new Request(url, {
      method,
      headers: headers.map(([name, value]): [string, string] => [name, value]),
      ...(body !== undefined && { body: streamOf(body), duplex: 'half' }),
    } as RequestInit);
  } catch {
    return undefined;
  }
}

function streamOf({ chunks, breaks }: HostileBody): ReadableStream<Uint8Array> {
  let next = 0;
  return new ReadableStream({
    pull(controller) {
      const chunk = chunks[next++];
      if (chunk !== undefined) controller.enqueue(chunk);
      else if (breaks) controller.error(new Error('The client is gone'));
      else controller.close();
    },
  });
}
