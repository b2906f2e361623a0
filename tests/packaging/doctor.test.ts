/** `npx fusewire doctor`, installed by npm from the packed packages and run as a process. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const packages = fileURLToPath(new URL('../../.tools/packages/', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'fusewire-doctor-'));
/** A project without `@fusewire/profiles`. */
const bare = mkdtempSync(path.join(tmpdir(), 'fusewire-doctor-'));

before(() => {
  install(folder, 'fusewire.tgz', 'profiles.tgz');
  install(bare, 'fusewire.tgz');
});
after(() => {
  for (const project of [folder, bare]) rmSync(project, { recursive: true });
});

function install(project: string, ...tarballs: readonly string[]): void {
  write('package.json', '{ "private": true }', project);
  const flags = ['--offline', '--no-audit', '--no-fund', '--ignore-scripts', '--no-package-lock'];
  const files = tarballs.map((name) => path.join(packages, name));
  execFileSync('npm', ['install', ...flags, ...files], { cwd: project, stdio: ['ignore', 'ignore', 'inherit'] });
}

function write(file: string, content: unknown, project = folder): void {
  writeFileSync(path.join(project, file), typeof content === 'string' ? content : JSON.stringify(content));
}

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function doctor(
  given: string,
  { project = folder, ...variables }: { project?: string; [name: string]: string | undefined } = {},
): Run {
  const program = path.join(project, 'node_modules/.bin/fusewire');
  const words = given.split(' ').filter((word) => word !== '');
  const env = { ...process.env, NODE_ENV: undefined, ...variables };
  const { status, stdout, stderr } = spawnSync(program, words, { cwd: project, env, encoding: 'utf8' });
  return { status, stdout, stderr };
}

/** Returns the reported problems, as `code of subject`. */
function found({ stdout }: Run): string[] {
  const { findings } = JSON.parse(stdout) as { findings: { code: string; subject: string }[] };
  return findings.map(({ code, subject }) => `${code} of ${subject}`);
}

const HEADER = `
  import { BreakerRegistry, CircuitBreaker, bulkhead, pipeline, retry, timeout } from 'fusewire';
  import { defineBreakers } from '@fusewire/profiles';
  const MPESA = { failureThreshold: 3, timeout: 30_000, resetTimeout: 120_000 };`;

describe('the doctor, given a module', () => {
  it('loads it, and checks everything that it creates', () => {
    write(
      'bad.mjs',
      `${HEADER}
      console.log('I have a word to say');
      setInterval(() => {}, 1_000);
      export const services = defineBreakers({ mpesa: MPESA, nerdgraph: { resetTimeout: 5_000 } });
      const registry = new BreakerRegistry();
      registry.for('tenant', { timeout: false });
      export const orders = pipeline([timeout(5_000), retry({ attempts: 3 }), new CircuitBreaker({ name: 'orders', timeout: 3_000 })]);
      export const facts = { mpesa: { callsPerSecond: 0.01, client: { timeout: 25_000, headers: {} } } };`,
    );
    const run = doctor('doctor bad.mjs');
    assert.equal(run.status, 1, run.stderr);
    assert.equal(run.stderr, 'I have a word to say\n');
    assert.equal(
      run.stdout,
      `Circuit breaker mpesa
  error: failureThreshold takes 3 calls, and the window of 60000 ms holds about 0.6 (threshold-out-of-reach)
    Lower the number, look at a longer window, or use consecutiveFailureThreshold, which has no window.
  note: a call may take 30000 ms, and the client gives up after 25000 ms (timeout-longer-than-client)
    Nothing, if that is meant. Otherwise make the breaker's timeout the shorter one, and hand its signal to the client.

Circuit breaker nerdgraph
  warning: it is open for 5000 ms, and a call may take 30000 ms (reset-shorter-than-timeout)
    Make resetTimeout at least as long as timeout: mostly by a shorter timeout.

Circuit breaker tenant
  warning: neither the breaker nor, as far as is known, its client limits how long a call may take (timeout-missing)
    Give timeout a number, or make sure that the client has a limit of its own.

Pipeline orders
  warning: 3 attempts of 3000 ms take 9000 ms without the waiting between them, and all may take 5000 ms (attempts-outlast-total)
    Make fewer attempts, give each less time, or give all of them more.

4 breakers, 1 pipeline: 1 error, 3 warnings, 1 note
`,
    );
  });

  it('succeeds if it finds nothing, and if it finds warnings only', () => {
    write('good.mjs', `${HEADER} export const breakers = defineBreakers({ mpesa: 'payment' });`);
    write('warned.cjs', `const { CircuitBreaker } = require('fusewire'); new CircuitBreaker();`);
    const good = doctor('doctor good.mjs');
    assert.deepEqual(good, { status: 0, stdout: '1 breaker, 0 pipelines: nothing found\n', stderr: '' });
    const warned = doctor('doctor --json warned.cjs');
    assert.deepEqual([warned.status, found(warned)], [0, ['unnamed of Circuit breaker unnamed']]);
  });

  it('reads exported definitions and options, in TypeScript too', () => {
    write(
      'definitions.mts',
      `import type { BreakerDefinition } from '@fusewire/profiles';
      export const breakers = {
        mpesa: 'payment',
        sms: { preset: 'http', environments: { production: { failureThreshold: 1 } } },
      } satisfies Record<string, BreakerDefinition>;`,
    );
    write(
      'default.mjs',
      `export default { breakers: { a: { failureThreshold: 1 } }, facts: { a: { instances: 2 } } };`,
    );
    assert.deepEqual(found(doctor('doctor --json definitions.mts')), []);
    const inProduction = doctor('doctor --json definitions.mts', { NODE_ENV: 'production' });
    assert.deepEqual(found(inProduction), ['opens-on-first-failure of Circuit breaker sms']);
    assert.deepEqual(found(doctor('doctor --json default.mjs', { project: folder })), [
      'opens-on-first-failure of Circuit breaker a',
      'no-jitter of Circuit breaker a',
    ]);
  });

  it('checks exported breakers with the variables that they were created with', () => {
    write('made.mjs', `${HEADER} export const breakers = defineBreakers({ mpesa: 'payment' });`);
    const variables = { BREAKER_MPESA_RESET_TIMEOUT: '5000' };
    const expected = ['reset-shorter-than-timeout of Circuit breaker mpesa'];
    assert.deepEqual(found(doctor('doctor --json made.mjs', variables)), expected);
    write('one.json', { breakers: { mpesa: 'payment' } });
    write('two.json', { breakers: { sms: 'http' } });
    assert.deepEqual(found(doctor('doctor --json one.json two.json', variables)), expected);
  });

  it('reports refused options as a problem of the module', () => {
    write('refused.mjs', `${HEADER} new CircuitBreaker({ name: 'a', failureThreshold: 0, timeuot: 1 });`);
    const run = doctor('doctor refused.mjs');
    assert.equal(run.status, 1);
    assert.match(
      run.stdout,
      /^refused\.mjs\n {2}error: Circuit breaker a: timeuot is not an option; did you mean timeout\?; failureThreshold must be a whole number from 1 to 1000000, got 0 \(options-refused\)/,
    );
  });
});

describe('the doctor, given a JSON file', () => {
  const breakers = { mpesa: 'payment', ledger: { timeout: 2_000, resetTimeout: 5_000 } };

  it('reads breakers, pipelines and facts', () => {
    const pipelines = { orders: { timeout: 3_000, retry: { attempts: 4 }, breaker: 'ledger' }, plain: { breaker: {} } };
    write('all.json', { breakers, pipelines, facts: { '*': { instances: 2 }, ledger: { callsPerSecond: 1_000 } } });
    const run = doctor('doctor --json all.json');
    assert.equal(run.status, 0, run.stderr);
    assert.deepEqual(found(run), [
      'no-jitter of Circuit breaker ledger',
      'no-jitter of Circuit breaker plain',
      'attempts-outlast-total of Pipeline orders',
    ]);
  });

  it('overrides it by variables, and prints no secret', () => {
    write('breakers.json', { breakers });
    assert.deepEqual(found(doctor('doctor --json breakers.json', { BREAKER_MPESA_RESET_TIMEOUT: '5000' })), [
      'reset-shorter-than-timeout of Circuit breaker mpesa',
    ]);
    const wrong = doctor('doctor breakers.json', {
      BREAKER_MPESA_TIMEOUT: 'sk_live_4242424242',
      BREAKER_LEGER_TIMEOUT: '1',
      BREAKER_LEDGER_SUCCESS_THRESHOLD: 'two',
    });
    assert.equal(wrong.status, 1);
    assert.match(
      wrong.stdout,
      /error: BREAKER_LEGER_TIMEOUT is not a variable .*; did you mean BREAKER_LEDGER_TIMEOUT\?/,
    );
    assert.match(wrong.stdout, /error: BREAKER_LEDGER_SUCCESS_THRESHOLD must be a whole number .*, got "two"/);
    assert.match(wrong.stdout, /error: BREAKER_MPESA_TIMEOUT must be .*, got a value that is not shown/);
    assert.doesNotMatch(wrong.stdout + wrong.stderr, /4242/);
  });

  it('reports facts about a breaker that does not exist', () => {
    write('facts-of-nobody.json', { breakers, facts: { ledgre: { instances: 2 } } });
    const run = doctor('doctor facts-of-nobody.json');
    assert.equal(run.status, 0);
    assert.match(run.stdout, /^Facts of ledgre\n {2}warning: there is no breaker and no pipeline of this name/);
  });

  it('needs no profiles if it holds options only', () => {
    write('options.json', { breakers: { ledger: breakers.ledger, bad: { failureThreshold: 0 } } }, bare);
    const run = doctor('doctor --json options.json', { project: bare });
    assert.deepEqual([run.status, found(run)], [1, ['options-refused of options.json']]);
  });
});

describe('the doctor, given sources', () => {
  const route = `import { CircuitBreaker } from 'fusewire';
    throw new Error('it was loaded');
    app.get('/pay', (req, res) => { const breaker = new CircuitBreaker(); });`;

  it('finds breakers created per request, without loading the sources', () => {
    for (const place of ['src/routes', 'src/node_modules/x', 'src/dist'])
      mkdirSync(path.join(folder, place), { recursive: true });
    for (const file of ['routes/pay.ts', 'routes/pay.test.ts', 'node_modules/x/a.js', 'dist/a.js'])
      write(`src/${file}`, route);
    write('src/index.jsx', '');
    const run = doctor('doctor --sources src');
    assert.deepEqual([run.status, run.stderr], [1, '']);
    assert.equal(
      run.stdout,
      `src/routes/pay.ts:3
  error: a breaker is made in a function that runs for each request (made-per-request)
    Make it once, where the module is loaded, or ask a BreakerRegistry for it.

0 breakers, 0 pipelines, 2 sources: 1 error
`,
    );
    const together = doctor('doctor --json --sources src --sources src/index.jsx good.mjs');
    assert.deepEqual([together.status, found(together)], [1, ['made-per-request of src/routes/pay.ts:3']]);
    assert.deepEqual(doctor('doctor --sources nowhere').status, 2);
  });
});

describe('the doctor, used wrongly', () => {
  const cases: readonly (readonly [what: string, file: string, content: unknown, complaint: RegExp])[] = [
    ['a missing file', '', '', /nowhere\.mjs: there is no such file/],
    ['text that is not JSON', 'text.json', '{', /text\.json: SyntaxError/],
    ['a JSON list', 'list.json', [], /list\.json: must be an object/],
    ['breakers that are not an object', 'number.json', { breakers: 3 }, /number\.json: breakers must be an object/],
    ['invalid facts', 'facts.json', { facts: { a: { callsPerSecond: 'many' } } }, /Facts of a: callsPerSecond must be/],
    [
      'a pipeline around an unknown breaker',
      'pipe.json',
      { pipelines: { a: { breaker: 'b' } } },
      /pipeline a is b, which is none of the/,
    ],
    [
      'a pipeline that is not an object',
      'none.json',
      { breakers: { a: {} }, pipelines: { a: null } },
      /pipeline a must be an/,
    ],
    [
      'an unknown section',
      'part.json',
      { $schema: '', breakers: { a: {} }, fact: {} },
      /part\.json: fact is none of breakers, pipelines, facts, environments/,
    ],
    ['a module that ends the program', 'ends.mjs', 'process.exit(0);', /a loaded module ended the process/],
    [
      'a module whose top-level await never settles',
      'waits.mjs',
      'await new Promise(() => {});',
      /awaits a promise that never settles/,
    ],
    [
      'a module that throws',
      'throws.mjs',
      `throw new Error('no database');`,
      /throws\.mjs cannot be loaded: Error: no database/,
    ],
    ['a module that does not parse', 'parse.mjs', 'export const =', /parse\.mjs cannot be loaded: SyntaxError/],
    [
      'a module that fails later',
      'later.mjs',
      `setTimeout(() => { throw new Error('later'); }); await new Promise(() => setInterval(() => {}, 1_000));`,
      /the doctor failed: Error: later/,
    ],
  ];
  for (const [what, file, content, complaint] of cases) {
    it(`exits with 2 for ${what}`, () => {
      if (file !== '') write(file, content);
      const { status, stdout, stderr } = doctor(`doctor --json ${file || 'nowhere.mjs'}`);
      assert.deepEqual([status, stdout], [2, '']);
      assert.match(stderr, complaint);
    });
  }

  it('exits with 2 for presets without profiles, no file, an unknown command and an unknown option', () => {
    write('presets.json', { breakers: { mpesa: 'payment' } }, bare);
    for (const [given, complaint] of [
      ['doctor presets.json', /read by @fusewire\/profiles, which is not installed/],
      ['doctor', /no file to check/],
      ['heal', /there is no command heal/],
      ['doctor --jsn', /Unknown option '--jsn'/],
    ] as const) {
      const { status, stdout, stderr } = doctor(given, { project: bare });
      assert.deepEqual([status, stdout], [2, ''], given);
      assert.match(stderr, complaint);
    }
  });
});

describe('the fusewire command', () => {
  it('prints its usage, its version and its rules', () => {
    assert.match(doctor('--help').stdout, /^fusewire doctor \[options\] \[file\.\.\.\]/);
    assert.equal(doctor('doctor --help').status, 0);
    assert.equal(doctor('').status, 2);
    assert.match(doctor('--version').stdout, /^\d+\.\d+\.\d+\n$/);
    assert.match(doctor('doctor --rules').stdout, /^reset-shorter-than-timeout \(warning\)$/m);
  });

  it('checks fusewire.config.mjs by default', () => {
    write(
      'fusewire.config.mjs',
      `import { CircuitBreaker } from 'fusewire'; new CircuitBreaker({ name: 'a', failureThreshold: 1 });`,
      bare,
    );
    const run = doctor('doctor --json', { project: bare });
    assert.deepEqual([run.status, found(run)], [0, ['opens-on-first-failure of Circuit breaker a']]);
  });

  it('exports its rules from fusewire/doctor', () => {
    for (const program of [
      `import { rules } from 'fusewire/doctor'; console.log(rules.length);`,
      `import { createRequire } from 'node:module'; console.log(createRequire(import.meta.url)('fusewire/doctor').rules.length);`,
    ]) {
      const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
        cwd: folder,
        encoding: 'utf8',
      });
      assert.ok(Number(output) > 15, output);
    }
  });
});
