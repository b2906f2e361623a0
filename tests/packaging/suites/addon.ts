/** The addon, which threads need to share a breaker: found from a bundle, and from what deployment tools copy. */
import assert from 'node:assert/strict';
import { lstatSync } from 'node:fs';
import path from 'node:path';
import { tmpdir } from 'node:os';
import { nodeFileTrace } from '@vercel/nft';
import { run } from '../../runtimes/processes.ts';
import { holds } from '../matrix.ts';
import { LAYOUTS, Project } from '../project.ts';

for (const [manager, layOut] of Object.entries(LAYOUTS)) {
  for (const format of ['cjs', 'esm']) {
    holds('esbuild', `addon: a bundle in the project, ${format}, packages as ${manager} installs them`, async () => {
      using project = layOut(new Project('shared').addAddon());
      const bundle = project.path(await bundled(project, format));
      return checkNative(await run([process.execPath, bundle], { cwd: tmpdir() }));
    });
  }

  holds('@vercel/nft', `addon: the traced files, packages as ${manager} installs them`, async () => {
    using project = layOut(new Project('shared').addAddon());
    const { fileList } = await nodeFileTrace([project.path('threads.mjs')], { base: project.folder });
    const files = [...fileList].filter((file) => !lstatSync(project.path(file)).isDirectory());
    return checkNative(await project.runMoved('threads.mjs', Object.fromEntries(files.map((file) => [file, file]))));
  });
}

for (const format of ['cjs', 'esm']) {
  holds('esbuild', `addon: a file beside the bundle, ${format}`, async () => {
    using project = new Project('shared').addAddon();
    const bundle = await bundled(project, format);
    const [addon, name] = addonOf(project);
    return checkNative(await project.runMoved(bundle, { [bundle]: bundle, [addon]: name }));
  });
}

holds('esbuild', 'addon: the file that FUSEWIRE_NATIVE_PATH names', async () => {
  using project = new Project('shared').addAddon();
  const bundle = await bundled(project, 'esm');
  const [addon] = addonOf(project);
  const env = { FUSEWIRE_NATIVE_PATH: project.path(addon) };
  return checkNative(await project.runMoved(bundle, { [bundle]: bundle }, env));
});

holds('esbuild', 'addon: the error of a bundle without it says from where it was searched', async () => {
  using project = new Project('shared');
  const bundle = await bundled(project, 'esm');
  await assert.rejects(
    project.runAlone(bundle),
    /Cannot find module '@fusewire\/native-[\w-]+' from file:\S+bundle\.mjs/,
  );
  return '';
});

async function bundled(project: Project, format: string): Promise<string> {
  const bundle = format === 'cjs' ? 'bundle.cjs' : 'bundle.mjs';
  const options = ['--bundle', '--platform=node', `--format=${format}`, `--outfile=${bundle}`, '--log-level=warning'];
  await project.tool('esbuild', 'threads.mjs', ...options);
  return bundle;
}

/** Returns the path of the installed addon in the project, and its name. */
function addonOf(project: Project): [string, string] {
  const [addon = ''] = project.find('node_modules/@fusewire/native-*/*.node');
  return [addon, path.basename(addon)];
}

function checkNative(output: string): string {
  assert.equal(output, 'native\n');
  return 'native';
}
