/** Next.js: a page, routes on Node and on the edge runtime, and the instrumentation, without settings for the package. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import { fileURLToPath } from 'node:url';
import { before as unlessEnded, start, type Program } from '../../runtimes/processes.ts';
import { checkLife, checkOneInstance } from '../life.ts';
import { holds } from '../matrix.ts';
import { Project, program } from '../project.ts';

/** Root of the project. Next.js would take the outermost folder with a lock file, and warn. */
const root = fileURLToPath(new URL('../../../', import.meta.url));

for (const bundler of ['turbopack', 'webpack']) {
  describe(bundler, () => {
    let project: Project;

    before(async () => {
      project = new Project('shared', 'next');
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
      const config = { ...options, outputFileTracingRoot: root, turbopack: { root } };
      project.write('next.config.mjs', `export default ${JSON.stringify(config)};\n`);
    }
  });
}

/** Serves the build and requests its page and routes. Resolves with the backend that ran. */
async function served(folder: string, command: string[]): Promise<string> {
  const port = await freePort();
  using server = start([process.execPath, ...command], {
    cwd: folder,
    env: { PORT: String(port), HOSTNAME: '127.0.0.1' },
  });
  await unlessEnded(server, ready(server));
  const get = async (route: string): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${port}/${route}`, { signal: AbortSignal.timeout(120_000) });
    return response.text();
  };
  const [, page = ''] = /<pre>(.*)<\/pre>/.exec(await get('')) ?? [];
  checkOneInstance(page.replaceAll('&quot;', '"'));
  checkLife(await get('edge'));
  assert.equal(await get('shared'), '"OPEN"');
  return checkOneInstance(await get('node'));
}

function ready({ child }: Program): Promise<void> {
  return new Promise((resolve) => {
    child.stdout?.on('data', (text: string) => {
      if (text.includes('Ready in')) resolve();
    });
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
