/** Weights of the package: in a registry, and in the bundles of programs that use a part of it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { holds } from '../matrix.ts';
import { Project, tarballs } from '../project.ts';

const gzipped = (content: string | Uint8Array): number => gzipSync(content, { level: 9 }).length;

/** Options of esbuild for each place where a bundle runs. */
const places = {
  Node: ['--platform=node'],
  browser: ['--platform=browser'],
  Worker: ['--platform=neutral', '--conditions=workerd', '--external:*.wasm'],
  'edge-light': ['--platform=neutral', '--conditions=edge-light', '--external:*.wasm?module'],
} as const;

type Place = keyof typeof places;

/** Returns a minified bundle of a program, and the engines that stand beside it. */
async function bundleOf(place: Place, program: string): Promise<{ script: string; engines: readonly Buffer[] }> {
  using project = new Project();
  project.write('main.mjs', program);
  const script = await project.tool(
    'esbuild',
    'main.mjs',
    '--bundle',
    '--minify',
    '--format=esm',
    '--log-level=warning',
    ...places[place],
  );
  const engines = [...new Set(script.match(/(?<=from ?"\.\/)\w+\.wasm/g))];
  const folder = project.path('node_modules/fusewire/dist/platforms');
  return { script, engines: engines.map((name) => readFileSync(path.join(folder, name))) };
}

/** Defines a test of the weight of a program, in bytes after gzip. */
function weighs(place: Place, what: string, program: string, most: number): void {
  holds('esbuild', `${place}: ${what} weighs at most ${most} bytes after gzip`, async () => {
    const { script, engines } = await bundleOf(place, program);
    const weight = [script, ...engines].reduce((sum, file) => sum + gzipped(file), 0);
    assert.ok(weight <= most, `${weight} bytes`);
    assert.ok(weight > most * 0.75, `${weight} bytes: the limit can be lower`);
    return '';
  });
}

const breaker =
  "import { CircuitBreaker } from 'fusewire';\nexport const breaker = new CircuitBreaker({ name: 'a' });\n";
const errors =
  "import { CircuitOpenError } from 'fusewire/errors';\nexport const isOpen = (error) => error instanceof CircuitOpenError;\n";

weighs('Node', 'a breaker', breaker, 63_000);
weighs('browser', 'a breaker', breaker, 62_000);
weighs('Worker', 'a breaker', breaker, 59_000);
weighs('edge-light', 'a breaker', breaker, 59_000);
for (const place of Object.keys(places) as Place[]) {
  weighs(place, 'a check of an error', errors, 2_300);
}

holds('esbuild', 'a check of an error has no engine in its bundle', async () => {
  for (const place of Object.keys(places) as Place[]) {
    const { script, engines } = await bundleOf(place, errors);
    assert.deepEqual([engines, /WebAssembly/.exec(script)], [[], null], place);
  }
  return '';
});

holds('esbuild', 'a bundle that names one error recognises the copies of others', async () => {
  using project = new Project();
  project.write(
    'main.mjs',
    `import { isRejection } from 'fusewire/errors';
     const copy = Object.assign(new Error('full'), { name: 'BulkheadFullError', code: 'ERR_BULKHEAD_FULL' });
     console.log(isRejection(copy), isRejection(new Error('down')));`,
  );
  await project.tool('esbuild', 'main.mjs', '--bundle', '--platform=node', '--outfile=out.cjs', '--log-level=warning');
  assert.equal((await project.node('out.cjs')).trim(), 'true false');
  return '';
});

holds('node', 'the package weighs at most 1 030 000 bytes unpacked', async () => {
  const [tarball = ''] = tarballs().filter((file) => path.basename(file) === 'fusewire.tgz');
  const size = unpackedSize(gunzipSync(readFileSync(tarball)));
  assert.ok(size <= 1_030_000, `${size} bytes`);
  return '';
});

/** Returns the sum of the sizes of the files in a tar archive. */
function unpackedSize(archive: Buffer): number {
  let sum = 0;
  for (let at = 0; archive[at] !== 0 && at < archive.length;) {
    const size = Number.parseInt(archive.toString('latin1', at + 124, at + 136), 8);
    sum += size;
    at += 512 * (1 + Math.ceil(size / 512));
  }
  return sum;
}
