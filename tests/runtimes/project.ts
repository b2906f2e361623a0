/** A project of its own, with the packed tarballs installed. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './processes.ts';

const packages = fileURLToPath(new URL('../../.tools/packages/', import.meta.url));

export interface Project extends AsyncDisposable {
  readonly folder: string;
  /** Writes a file; returns its path. */
  write(name: string, content: string): string;
}

/** Installs fusewire, and with it every addon that was packed unless told otherwise. */
export async function install({ addon }: { addon: boolean }): Promise<Project> {
  const folder = mkdtempSync(path.join(tmpdir(), 'fusewire-runtimes-'));
  const write = (name: string, content: string): string => {
    const file = path.join(folder, name);
    writeFileSync(file, content);
    return file;
  };
  write('package.json', '{ "private": true, "type": "module" }');
  const tarballs = readdirSync(packages)
    .filter((name) => name === 'fusewire.tgz' || (addon && name.startsWith('native-')))
    .map((name) => path.join(packages, name));
  await run(['npm', 'install', '--offline', '--no-audit', '--no-fund', ...tarballs], { cwd: folder });
  return {
    folder,
    write,
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true });
    },
  };
}
