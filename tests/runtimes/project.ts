/** Projects of their own, with the packed tarballs installed. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './processes.ts';

/** Folder of the tarballs. */
export const packages = fileURLToPath(new URL('../../.tools/packages/', import.meta.url));

export interface Project extends AsyncDisposable {
  readonly folder: string;
  /** Writes a file; returns its path. */
  write(name: string, content: string): string;
}

/** An empty project. */
export function makeProject(manifest: object = {}): Project {
  const folder = mkdtempSync(path.join(tmpdir(), 'fusewire-runtimes-'));
  const write = (name: string, content: string): string => {
    const file = path.join(folder, name);
    writeFileSync(file, content);
    return file;
  };
  write('package.json', JSON.stringify({ private: true, type: 'module', ...manifest }));
  return {
    folder,
    write,
    async [Symbol.asyncDispose]() {
      // A browser that was ended may still be writing its last.
      rmSync(folder, { recursive: true, maxRetries: 10 });
    },
  };
}

/** Has npm install what the project asks for, and what `more` does. */
export async function npmInstall(project: Project, ...more: string[]): Promise<void> {
  await run(['npm', 'install', '--offline', '--no-audit', '--no-fund', ...more], { cwd: project.folder });
}

/** A project with fusewire, and with the addons that were packed if they are wanted. */
export async function install({ addon }: { addon: boolean }): Promise<Project> {
  const project = makeProject();
  const tarballs = readdirSync(packages)
    .filter((name) => name === 'fusewire.tgz' || (addon && name.startsWith('native-')))
    .map((name) => path.join(packages, name));
  await npmInstall(project, ...tarballs);
  return project;
}
