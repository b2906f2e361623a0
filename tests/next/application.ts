/** The application under test, built and served by one version of Next.js. */
import { cpSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunningServer } from '@fusewire/testing/server';
import { Project, program } from '../packaging/project.ts';
import { freePort } from '../runtimes/free-port.ts';
import { before, start } from '../runtimes/processes.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const app = fileURLToPath(new URL('app/', import.meta.url));
/** Files that some variants do not have. */
const part = (name: string): string => fileURLToPath(new URL(`parts/${name}/`, import.meta.url));

const modulesOf15 = fileURLToPath(new URL('15/node_modules/', import.meta.url));
/** The contract suite, which imports `node:test`, is no package for bundles. */
const EXTERNAL = { serverExternalPackages: ['@fusewire/testing'] };

const programOf = ({ version }: Variant): string =>
  version === 15 ? path.join(modulesOf15, 'next/dist/bin/next') : path.resolve(program('next'));

/** Version of Next.js, and its settings. */
export interface Variant {
  readonly version: 15 | 16;
  readonly bundler: 'turbopack' | 'webpack';
  readonly config?: { readonly cacheComponents?: boolean; readonly basePath?: string };
}

/** Whether a variant may have routes on the edge runtime. */
export const hasEdge = ({ config }: Variant): boolean => config?.cacheComponents !== true;
/** Whether a variant has the proxy, which was middleware before Next.js 16. */
export const hasProxy = ({ version }: Variant): boolean => version === 16;

/** Returns a project with the application and our packages as published. */
export function projectOf(variant: Variant): Project {
  const { version, config } = variant;
  const project = new Project().add('next').add('testing');
  const folders = [app, ...(hasEdge(variant) ? [part('edge')] : []), ...(hasProxy(variant) ? [part('proxy')] : [])];
  for (const folder of folders) cpSync(folder, project.folder, { recursive: true });
  if (version === 15) project.linkAll(modulesOf15);
  // Next.js would take the outermost folder with a lock file for the project.
  const settings = { ...config, ...EXTERNAL, outputFileTracingRoot: root, turbopack: { root } };
  project.write('next.config.mjs', `export default ${JSON.stringify(settings)};\n`);
  return project;
}

/** Returns the option of the bundler. Next.js 15 knows none for its default. */
const bundlerOf = ({ version, bundler }: Variant): string[] => (version === 15 ? [] : [`--${bundler}`]);

/** Builds the application. Resolves with what the build has printed. */
export function built(project: Project, variant: Variant): Promise<string> {
  return project.node(programOf(variant), 'build', ...bundlerOf(variant));
}

/** Starts the application on 127.0.0.1, and resolves when it answers. */
export async function served(project: Project, variant: Variant, command: 'start' | 'dev' = 'start'): Promise<Served> {
  const port = await freePort();
  const options = command === 'dev' ? bundlerOf(variant) : [];
  const args = [command, ...options, '--port', String(port), '--hostname', '127.0.0.1'];
  const { basePath = '' } = variant.config ?? {};
  const env = { NEXT_TELEMETRY_DISABLED: '1', NODE_TEST_CONTEXT: undefined, APPLICATION_BASE_PATH: basePath };
  const server = start([process.execPath, programOf(variant), ...args], { cwd: project.folder, env });
  let output = '';
  const isReady = new Promise<void>((resolve) => {
    server.child.stdout?.on('data', (text: string) => {
      output += text;
      if (output.includes('Ready in')) resolve();
    });
  });
  await before(server, isReady);
  return {
    origin: `http://127.0.0.1:${port}${basePath}`,
    output: () => output,
    async close() {
      const closed = new Promise((resolve) => server.child.once('close', resolve));
      server.child.kill('SIGTERM');
      await closed;
    },
  };
}

/** Running application. */
export interface Served extends RunningServer {
  /** Returns what it has printed. */
  output(): string;
}
