import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createContext, runInContext } from 'node:vm';
import { findPerRequestBreakers } from '../src/doctor/sources/per-request.ts';
import { maskLiterals } from '../src/doctor/sources/mask-literals.ts';

const IMPORT = `import { CircuitBreaker } from 'fusewire';\n`;
const lines = (code: string) => findPerRequestBreakers('a.ts', IMPORT + code).map(({ subject }) => subject);

const PER_REQUEST: Readonly<Record<string, string>> = {
  'a route of Express': `app.get('/pay', async (req, res) => {
    const breaker = new CircuitBreaker({ name: 'mpesa' });
  });`,
  'a route behind other middleware': `router.post("/pay", authenticate, limit({ max: 3 }), async (_, response) => {
    try {
      const breaker = new CircuitBreaker();
    } catch {}
  });`,
  'a route of Hono, without braces': `app.get('/x', (c) =>
    new CircuitBreaker().execute(() => c.text('x')));`,
  'a route of Next.js': `export async function GET(r: Request): Promise<Response> {

    for (const each of all) { const b = new CircuitBreaker({ name: \`a\${each}\` }); }
  }`,
  'a handler of queue events': `export const handler: Handler = async (e) => { const b = new CircuitBreaker(); };`,
  'a handler of Lambda': `exports.handler = async function (event, context) { const b = new CircuitBreaker(); };`,
  'a server of node:http': `createServer((request, response) => { const b = new CircuitBreaker(); });`,
  'a worker': `export default { async fetch(request: Request, env: Env): Promise<Response> { const b = new CircuitBreaker(); } };`,
  'a controller of NestJS': `class A { @Get(':id') @UseGuards(G) async find(@Param('id') id: string) { const b = new CircuitBreaker(); } }`,
  'a function inside a handler': `function pay(req, res) { const make = () => { return new CircuitBreaker(); }; }`,
  'a breaker for one call': `export function fetchRates() { return new CircuitBreaker({ name: 'rates' }).execute(() => get()); }`,
  'a breaker with types': `app.get('/x', (req) => { const b = new CircuitBreaker<Rate[]>({ name: 'rates' }); });`,
  'a protectedFetch() with breakers of its own': `app.get('/x', async (req) => { const get = protectedFetch({ timeout: 5 }); });`,
  'a CircuitBreakerFactory of a dialect': `app.get('/x', (req) => { const all = new CircuitBreakerFactory(logger); });`,
  'a BreakerRegistry': `app.use('/x', (req) => { const r = new BreakerRegistry(); });`,
};

const SHARED: Readonly<Record<string, string>> = {
  'at the top of a module': `const b = new CircuitBreaker(); app.get('/x', (req, res) => b.execute(() => res.end()));`,
  'in the constructor of a service': `class A { constructor() { this.b = new CircuitBreaker({ name: 'a' }); } }`,
  'in a factory': `export function makeClient(options) { const b = new CircuitBreaker(options); return () => b.execute(run); }`,
  'at the top, run at once': `await new CircuitBreaker().execute(() => {});`,
  'created where a variable has none': `app.get('/x', (req, res) => { breaker ??= new CircuitBreaker(); });`,
  'created where a map has none': `app.get('/x', (req) => { const b = all.get(req.id) ?? new CircuitBreaker(); all.set(req.id, b); });`,
  'put into a map': `app.get('/x', (req) => { if (!all.has(1)) all.set(1, new CircuitBreaker()); });`,
  'that is a function of the same name': `function pay(req) { function protectedFetch(url) { return url; } }`,
  'in a condition': `app.get('/x', (req) => { if (!b) { b = new CircuitBreaker(); } });`,
  'in a condition without braces': `app.get('/x', (req) => { if (!b) b = new CircuitBreaker(); });`,
  'in a comment and in text': `app.get('/x', (req) => { // new CircuitBreaker()
    /* new CircuitBreaker() */ log('new CircuitBreaker()', \`new CircuitBreaker()\`, /new CircuitBreaker()/); });`,
  'after a handler': `app.get('/x', (req) => { req.end("it's"); });\nconst b = new CircuitBreaker();`,
  'after a handler without braces': `const get = (req) => req.end(), b = new CircuitBreaker();`,
  'after text of JSX': `const a = (request) => { return <p>Don't</p>; };\nconst b = new CircuitBreaker();`,
};

describe('the source check finds a breaker created per request in', () => {
  for (const [where, code] of Object.entries(PER_REQUEST)) {
    it(where, () => assert.equal(lines(code).length, 1, code));
  }
});

describe('the source check reports nothing for a breaker', () => {
  for (const [where, code] of Object.entries(SHARED)) it(where, () => assert.deepEqual(lines(code), [], code));
});

it('the source check reports the line and the reason', () => {
  const [diagnostic] = findPerRequestBreakers('routes/pay.ts', `${IMPORT}\n${PER_REQUEST['a route of Express']}`);
  assert.equal(diagnostic?.subject, 'routes/pay.ts:4');
  assert.equal(diagnostic?.code, 'made-per-request');
  assert.equal(diagnostic?.message, 'a breaker is made in a function that runs for each request');
});

it('the source check skips files that do not import fusewire', () => {
  assert.deepEqual(
    findPerRequestBreakers('a.js', `import CircuitBreaker from 'opossum';\n${PER_REQUEST['a route of Express']}`),
    [],
  );
});

it('maskLiterals() removes text and comments, and keeps length, lines and brackets', () => {
  const code = 'const a = "x{" + `y${b ? `{${c}` : "}"}z` / 2; // {\nif (/[/}]{/.test(d)) { e = f / g; }';
  const masked = maskLiterals(code);
  assert.equal(masked, 'const a = "  " + ` ${b ? ` ${c}` : " "} ` / 2;     \nif (/     /.test(d)) { e = f / g; }');
});

/** Code that a search with a quadratic step could not finish in hours. */
const LONG_SOURCES: Readonly<Record<string, (times: number) => string>> = {
  'conditions in one statement': (times) =>
    `app.get('/x', (req) => {${'if(a)'.repeat(times)}x[{}] new CircuitBreaker() })`,
  'breakers in one statement': (times) => `function f(req) { return [${'new CircuitBreaker(),'.repeat(times)}] }`,
  'breakers inside one another': (times) => `function f(req) { ${'[new CircuitBreaker('.repeat(times)}`,
  'type arguments without an end': (times) => 'new CircuitBreaker<'.repeat(times),
  'scopes inside one another': (times) => 'if (a) { new CircuitBreaker(); '.repeat(times),
  'functions inside one another': (times) => '((a, b = () => { new CircuitBreaker(); '.repeat(times),
  'strings in one line': (times) => `'a',`.repeat(times),
  'escaped quotes in one line': (times) => `"${String.raw`\"`.repeat(times)}`,
  'regular expressions without an end': (times) => '(/['.repeat(times),
  'lines with a breaker each': (times) => 'new CircuitBreaker();\n'.repeat(times),
};

describe('the search through long sources', () => {
  for (const [name, source] of Object.entries(LONG_SOURCES)) {
    it(`ends for ${name}`, () => {
      const search = () => findPerRequestBreakers('a.ts', IMPORT + source(20_000));
      // Unlike the timeout of a test, that of a script also ends code that never returns to the event loop.
      const context = createContext({ search });
      assert.doesNotThrow(() => runInContext('search()', context, { timeout: 120_000 }) as unknown);
    });
  }
});
