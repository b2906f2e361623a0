/** Vercel's edge runtime. As in a deployment, the import of the engine becomes a global that holds the compiled module. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';
import type { Report } from '../inside/suite.ts';
import { bundle, installedIn } from '../bundle.ts';
import { run } from '../processes.ts';
import { versionOf } from '../programs.ts';
import type { Project } from '../project.ts';

const globalModule: Plugin = {
  name: 'module as a global',
  setup(build) {
    build.onResolve({ filter: /\.wasm\?module$/ }, () => ({ path: 'engine', namespace: 'global' }));
    build.onLoad({ filter: /./, namespace: 'global' }, () => ({ contents: 'export default globalThis.engineModule;' }));
  },
};

export async function runInEdge(project: Project): Promise<Report> {
  const script = await bundle('on-edge', project.folder, {
    conditions: ['edge-light'],
    format: 'iife',
    plugins: [installedIn(project.folder), globalModule],
  });
  const machine = fileURLToPath(new URL('edge-machine.ts', import.meta.url));
  const engine = path.join(project.folder, 'node_modules/fusewire/dist/fusewire.wasm');
  const report: Report = JSON.parse(await run([process.execPath, machine, script, engine]));
  return { ...report, runtime: `${report.runtime} ${versionOf('@edge-runtime/vm')}` };
}
