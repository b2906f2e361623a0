/** Next.js: a page, routes on Node and on the edge runtime, and the instrumentation, without settings for the package. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import { fileURLToPath } from 'node:url';
import { checkLife, checkOneInstance } from '../life.ts';
import { holds } from '../matrix.ts';
import { Project, program } from '../project.ts';
import { startServer } from '../server.ts';

/** Root of the project. Next.js would take the outermost folder with a lock file, and warn. */
const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Tools of other tests, which Next.js would trace as parts of its server. No user's project has them all. */
const others = [
  'webpack',
  'terser',
  'uglify-js',
  'esbuild',
  '@esbuild',
  'caniuse-lite',
  'lightningcss',
  'sharp',
  '@img',
];
const outputFileTracingExcludes = { 'next-server': [`**/node_modules/{${others.join()}}/**`] };

for (const bundler of ['turbopack', 'webpack']) {
  describe(bundler, () => {
    let project: Project;

    before(async () => {
      project = new Project('shared', 'next').addAddon();
      configure({ output: 'standalone' });
      await project.tool('next', 'build', `--${bundler}`);
    });

    after(() => project[Symbol.dispose]());

    holds('next', `${bundler}, standalone output in another place`, async () => {
      const folder = mkdtempSync(path.join(tmpdir(), 'fusewire-standalone-'));
      try {
        cpSync(project.path('.next/standalone'), folder, { recursive: true, verbatimSymlinks: true });
        return await served(path.join(folder, path.relative(root, project.folder)), ['server.js']);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

    holds('next', `${bundler}, next start`, () => {
      configure({});
      return served(project.folder, [program('next'), 'start', '--hostname', '127.0.0.1']);
    });

    function configure(options: { output?: 'standalone' }): void {
      const outputFileTracingIncludes = { '/**': ['node_modules/@fusewire/native-*/**'] };
      const tracing = { outputFileTracingIncludes, outputFileTracingExcludes, outputFileTracingRoot: root };
      const config = { ...options, ...tracing, turbopack: { root } };
      project.write('next.config.mjs', `export default ${JSON.stringify(config)};\n`);
    }
  });
}

holds('next', 'cacheComponents: components that create breakers, open ones too, and policies are static', async () => {
  using project = new Project('next-cache');
  const tracing = { outputFileTracingExcludes, outputFileTracingRoot: root };
  const config = { cacheComponents: true, ...tracing, turbopack: { root } };
  project.write('next.config.mjs', `export default ${JSON.stringify(config)};\n`);
  const output = await project.tool('next', 'build', '--turbopack');
  const page = (name: string) => /<pre>(.*?)<\/pre>/.exec(project.read(`.next/server/app/${name}.html`))?.[1];
  assert.deepEqual(
    ['index', 'rejected', 'policies'].map(page),
    ['answered', 'ERR_CIRCUIT_OPEN OPEN', 'answered'],
    output,
  );
  return 'wasm';
});

/** Serves the build and requests its page and routes. Resolves with the backend that ran. */
async function served(folder: string, command: string[]): Promise<string> {
  using server = await startServer(folder, command, 'Ready in');
  const [, page = ''] = /<pre>(.*)<\/pre>/.exec(await server.get('')) ?? [];
  checkOneInstance(page.replaceAll('&quot;', '"'));
  checkLife(await server.get('edge'));
  assert.equal(await server.get('shared'), '"OPEN"');
  assert.equal(await server.get('process'), 'native');
  return checkOneInstance(await server.get('node'));
}
