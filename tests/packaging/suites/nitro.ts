/** Nitro, the server of Nuxt: its output for edge runtimes, and its server for Node. */
import assert from 'node:assert/strict';
import { cpSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startWorker } from '../../runtimes/hosts/workerd.ts';
import { run } from '../../runtimes/processes.ts';
import { platformProgram } from '../../runtimes/programs.ts';
import { checkOneInstance } from '../life.ts';
import { holds } from '../matrix.ts';
import { LAYOUTS, Project } from '../project.ts';
import { startServer } from '../server.ts';

/** Builds the fixture for a preset. */
async function built(preset: string, options: object = {}, layOut = LAYOUTS.npm): Promise<Project> {
  const project = layOut(new Project('shared', 'nitro').addAddon());
  const config = { preset, compatibilityDate: '2026-10-01', ...options };
  project.write('nitro.config.mjs', `export default ${JSON.stringify(config)};\n`);
  await project.tool('nitropack', 'build');
  return project;
}

/** Starts the output of a Cloudflare preset, and resolves with the response to a request. */
async function onWorkerd(project: Project, path: string): Promise<string> {
  const folder = project.path('.output/server');
  const chunks = globSync(['chunks/**/*.mjs', 'wasm/*.wasm'], { cwd: folder });
  using worker = await startWorker(folder, ['index.mjs', ...chunks]);
  return (await worker.request(path)).text();
}

holds('nitropack', 'cloudflare-module, with WebAssembly', async () => {
  using project = await built('cloudflare-module', { experimental: { wasm: true } });
  return checkOneInstance(await onWorkerd(project, '/'));
});

holds('nitropack', 'cloudflare-module: the error without WebAssembly names the setting', async () => {
  using project = await built('cloudflare-module');
  assert.match(await onWorkerd(project, '/error'), /^ERR_ENGINE_LOAD .* experimental\.wasm/);
  return '';
});

holds('nitropack', 'netlify-edge', async () => {
  using project = await built('netlify-edge');
  project.write('ask.mjs', `${answerOf('.netlify/edge-functions/server/server.js')}.then(console.log);\n`);
  const deno = [platformProgram('deno', 'deno'), 'run', '--allow-all', '--no-prompt', '--no-remote'];
  const env = { DENO_DIR: project.path('.deno'), DENO_NO_UPDATE_CHECK: '1' };
  return checkOneInstance(await run([...deno, 'ask.mjs'], { cwd: project.folder, env }));
});

holds('nitropack', 'vercel-edge', async () => {
  using project = await built('vercel-edge');
  const answer = answerOf('.vercel/output/functions/__fallback.func/index.mjs');
  project.write('ask.mjs', answer.replace('answer(', 'globalThis.report = answer('));
  await project.tool('esbuild', 'ask.mjs', '--bundle', '--external:node:*', '--outfile=ask.js', '--log-level=warning');
  const machine = fileURLToPath(new URL('../../runtimes/hosts/edge-machine.ts', import.meta.url));
  return checkOneInstance(JSON.parse(await project.node(machine, 'ask.js', project.path('routes'))));
});

holds('nitropack', 'node-server, the output in another place, packages as pnpm installs them', async () => {
  using project = await built('node-server', {}, LAYOUTS.pnpm);
  const place = mkdtempSync(path.join(tmpdir(), 'fusewire-nitro-'));
  try {
    cpSync(project.path('.output'), place, { recursive: true, verbatimSymlinks: true });
    using server = await startServer(place, ['server/index.mjs'], 'Listening');
    checkOneInstance(await server.get(''));
    assert.equal(await server.get('process'), 'native');
    return 'native';
  } finally {
    rmSync(place, { recursive: true });
  }
});

/** Returns a program whose last expression is the answer of a server, of one function, to a request. */
function answerOf(server: string): string {
  const request = "new Request('http://localhost/')";
  return `import answer from './${server}';\nanswer(${request}, {}).then((response) => response.text())`;
}
