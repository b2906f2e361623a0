/** Vercel's edge runtime. As in a deployment, the import of an engine becomes a global that holds the compiled module. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';
import type { Report } from '../inside/suite.ts';
import { bundle, installedIn } from '../bundle.ts';
import { run } from '../processes.ts';
import { versionOf } from '../programs.ts';
import type { Project } from '../project.ts';

const globalModules: Plugin = {
  name: 'modules as globals',
  setup(build) {
    const namespace = 'global';
    build.onResolve({ filter: /\.wasm\?module$/ }, ({ path: file }) => ({ path: path.parse(file).name, namespace }));
    build.onLoad({ filter: /./, namespace }, ({ path: name }) => ({
      contents: `export default globalThis.${name}_wasm;`,
    }));
  },
};

export async function runInEdge(project: Project): Promise<Report> {
  const script = await bundle('on-edge', project.folder, {
    conditions: ['edge-light'],
    format: 'iife',
    plugins: [installedIn(project.folder), globalModules],
  });
  const machine = fileURLToPath(new URL('edge-machine.ts', import.meta.url));
  const engines = path.join(project.folder, 'node_modules/fusewire/dist/platforms');
  const report: Report = JSON.parse(await run([process.execPath, machine, script, engines]));
  return { ...report, runtime: `${report.runtime} ${versionOf('@edge-runtime/vm')}` };
}
