/** Bundlers: their output runs in a folder without any package. */
import assert from 'node:assert/strict';
import { holds } from '../matrix.ts';
import { checkOneInstance } from '../life.ts';
import { runInPage } from '../page.ts';
import { Project } from '../project.ts';

const esbuild = (project: Project, ...options: string[]) =>
  project.tool('esbuild', 'main.mjs', '--bundle', '--log-level=warning', ...options);

for (const [format, file] of [
  ['esm', 'bundle.mjs'],
  ['cjs', 'bundle.cjs'],
] as const) {
  holds('esbuild', `Node, ${format}`, async () => {
    using project = new Project('shared');
    await esbuild(project, '--platform=node', `--format=${format}`, `--outfile=${file}`);
    return checkOneInstance(await project.runAlone(file));
  });
}

holds('esbuild', 'browser, minified', async () => {
  using project = new Project('shared');
  await esbuild(project, '--minify', '--outfile=page.js');
  return checkOneInstance(await runInPage(project.read('page.js')));
});

for (const platform of ['node', 'browser']) {
  holds('esbuild', `${platform}, nothing is left of an import that nobody uses`, async () => {
    using project = new Project();
    project.write('main.mjs', "import { CircuitBreaker } from 'fusewire';\nimport 'fusewire';\n");
    assert.equal(await esbuild(project, `--platform=${platform}`, '--format=esm', '--minify'), '');
    return '';
  });
}

holds('rollup', 'Node, and browser', async () => {
  using project = new Project('shared', 'rollup');
  await project.tool('rollup', '--config', '--silent', '--failAfterWarnings');
  checkOneInstance(await runInPage(project.read('page.js')));
  return checkOneInstance(await project.runAlone('node.mjs'));
});

holds('vite', 'client build', async () => {
  using project = new Project('shared', 'vite');
  await project.tool('vite', 'build', '--outDir', 'out', '--logLevel', 'warn');
  const [script = ''] = /(?<=src="\/)assets\/[^"]+/.exec(project.read('out/index.html')) ?? [];
  return checkOneInstance(await runInPage(project.read(`out/${script}`)));
});

holds('vite', 'SSR build', async () => {
  using project = new Project('shared', 'vite');
  await project.tool('vite', 'build', '--ssr', 'main.mjs', '--outDir', 'out', '--logLevel', 'warn');
  return checkOneInstance(await project.node('out/main.mjs'));
});

holds('vite', 'SSR build with everything in it', async () => {
  using project = new Project('shared', 'vite');
  project.write('vite.config.mjs', 'export default { ssr: { noExternal: true } };\n');
  await project.tool('vite', 'build', '--ssr', 'main.mjs', '--outDir', 'out', '--logLevel', 'warn');
  return checkOneInstance(await project.runAlone('out/main.mjs'));
});

holds('webpack', 'Node, and web', async () => {
  using project = new Project('shared', 'webpack');
  await project.tool('webpack-cli');
  checkOneInstance(await runInPage(project.read('dist/web.js')));
  return checkOneInstance(await project.runAlone('dist/node.js'));
});
