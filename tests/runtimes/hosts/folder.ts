/** Runtimes that load packages from a folder: Node, Deno and Bun. */
import path from 'node:path';
import type { Report } from '../inside/suite.ts';
import { bundle } from '../bundle.ts';
import { run } from '../processes.ts';
import { install, type Project } from '../project.ts';

/** A project with the suite in it; fusewire stays where npm put it. */
export async function prepareFolder(installed: { addon: boolean }): Promise<Project> {
  const project = await install(installed);
  await bundleForFolder(project.folder);
  return project;
}

export function bundleForFolder(folder: string): Promise<string> {
  return bundle('on-node', folder, { platform: 'node', external: ['fusewire', 'fusewire/queue'], plugins: [] });
}

export async function runInFolder(project: Project, command: readonly string[], backend: string): Promise<Report> {
  const output = await run([...command, path.join(project.folder, 'on-node.mjs'), backend], {
    cwd: project.folder,
    env: { DENO_DIR: path.join(project.folder, '.deno'), DENO_NO_UPDATE_CHECK: '1', DO_NOT_TRACK: '1' },
  });
  return JSON.parse(output);
}
