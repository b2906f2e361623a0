/** Runtimes that load packages from a folder: Node, Deno and Bun. */
import path from 'node:path';
import type { Report } from '../inside/suite.ts';
import { bundle } from '../bundle.ts';
import { run } from '../processes.ts';
import { install, type Project } from '../project.ts';

/** A project with the suite in it; fusewire stays where npm put it. */
export async function prepareFolder(): Promise<Project> {
  const project = await install({ addon: true });
  await bundle('on-node', project.folder, { platform: 'node', external: ['fusewire'], plugins: [] });
  return project;
}

export async function runInFolder(project: Project, command: readonly string[], backend: string): Promise<Report> {
  const output = await run([...command, path.join(project.folder, 'on-node.mjs'), backend], {
    cwd: project.folder,
    env: { DENO_DIR: path.join(project.folder, '.deno'), DENO_NO_UPDATE_CHECK: '1', DO_NOT_TRACK: '1' },
  });
  return JSON.parse(output);
}
