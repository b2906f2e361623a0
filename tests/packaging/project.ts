/** A user's project: the packed package is installed in it, the tools in a folder above. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../runtimes/processes.ts';

const at = (folder: string): string => fileURLToPath(new URL(folder, import.meta.url));
const packages = at('../../.tools/packages/');
const fixtures = at('fixtures/');
const work = at('.work/');
const tools = at('node_modules/');
const workspace = at('../../node_modules/');

/** Returns the paths of the published tarballs. */
export function tarballs(): string[] {
  return readdirSync(packages)
    .filter((name) => name.endsWith('.tgz'))
    .map((name) => path.join(packages, name));
}

/** Returns the names of the packages that are added to `fusewire`, without their scope. */
export function packageNames(): string[] {
  const names = tarballs().map((tarball) => path.basename(tarball, '.tgz'));
  return names.filter((name) => name !== 'fusewire' && !name.startsWith('native-'));
}

/** Returns the version of a tool. */
export function versionOf(tool: string): string {
  return readJson(path.join(tools, tool, 'package.json')).version;
}

export class Project implements Disposable {
  readonly folder: string;

  /** Copies the named fixtures, and installs the packed `fusewire`. */
  constructor(...names: string[]) {
    mkdirSync(work, { recursive: true });
    this.folder = mkdtempSync(path.join(work, `${names.at(-1) ?? 'empty'}-`));
    this.write('package.json', '{ "private": true }\n');
    for (const name of names) cpSync(path.join(fixtures, name), this.folder, { recursive: true });
    this.#install('fusewire', 'fusewire.tgz');
  }

  /** Installs one more of our packages, with its dependencies. */
  add(folder: string): this {
    const name = `@fusewire/${folder}`;
    this.#install(name, `${folder}.tgz`);
    const { dependencies = {} } = readJson(this.path('node_modules', name, 'package.json'));
    for (const dependency of Object.keys(dependencies)) {
      if (dependency.startsWith('@fusewire/')) this.add(path.basename(dependency));
      else cpSync(path.join(workspace, dependency), this.path('node_modules', dependency), { recursive: true });
    }
    return this;
  }

  /** Returns the names by which programs import one of our packages. */
  entriesOf(folder: string): string[] {
    const { name, exports } = readJson(this.path('node_modules/@fusewire', folder, 'package.json'));
    const entries = Object.keys(exports).filter((entry) => !entry.endsWith('.json'));
    return entries.map((entry) => entry.replace('.', name));
  }

  /** Installs the addon of this machine, where npm installs it. */
  addAddon(): this {
    const names = readdirSync(packages).filter((name) => name.startsWith(`native-${process.platform}-${process.arch}`));
    for (const name of names) this.#install(`@fusewire/${path.parse(name).name}`, name);
    return this;
  }

  /** Moves the packages to where pnpm puts them: each in a folder of its own, with links to the packages that it names. */
  layOutAsPnpm(): this {
    const modules = this.path('node_modules');
    const natives = readdirSync(path.join(modules, '@fusewire')).map((name) => `@fusewire/${name}`);
    for (const name of ['fusewire', ...natives]) {
      mkdirSync(path.dirname(pnpmFolder(modules, name)), { recursive: true });
      renameSync(path.join(modules, name), pnpmFolder(modules, name));
    }
    const beside = path.dirname(pnpmFolder(modules, 'fusewire'));
    mkdirSync(path.join(beside, '@fusewire'));
    for (const name of natives) symlinkSync(pnpmFolder(modules, name), path.join(beside, name));
    symlinkSync(pnpmFolder(modules, 'fusewire'), path.join(modules, 'fusewire'));
    return this;
  }

  /** Installs another version of a tool under its usual name. */
  link(tool: string, name: string): this {
    symlinkSync(path.join(tools, tool), this.path('node_modules', name));
    return this;
  }

  /** Copies a folder of the repository to the same place and links its installed packages. Leaves out its TypeScript settings. */
  take(folder: string): void {
    const source = path.join(at('../../'), folder);
    for (const name of readdirSync(source)) {
      if (!['node_modules', 'tsconfig.json'].includes(name))
        cpSync(path.join(source, name), this.path(folder, name), { recursive: true });
    }
    this.#link(path.join(source, 'node_modules'), 'node_modules');
  }

  /** Links a folder of the repository, in the same place. Its files load packages as the repository does. */
  borrow(folder: string): void {
    mkdirSync(path.dirname(this.path(folder)), { recursive: true });
    symlinkSync(path.join(at('../../'), folder), this.path(folder));
  }

  /** Links every package that the project does not have, scope by scope. */
  #link(from: string, to: string): void {
    for (const name of readdirSync(from)) {
      const [source, target] = [path.join(from, name), path.join(to, name)];
      if (!existsSync(this.path(target))) symlinkSync(source, this.path(target));
      else if (name.startsWith('@')) this.#link(source, target);
    }
  }

  /** Makes the packages in a `node_modules` folder those of this project, except for ours. */
  linkAll(modules: string): this {
    this.#link(modules, 'node_modules');
    return this;
  }

  path(...parts: string[]): string {
    return path.join(this.folder, ...parts);
  }

  /** Returns the files whose path matches a pattern. */
  find(pattern: string): string[] {
    return globSync(pattern, { cwd: this.folder });
  }

  read(file: string): string {
    return readFileSync(this.path(file), 'utf8');
  }

  write(file: string, content: string): void {
    mkdirSync(path.dirname(this.path(file)), { recursive: true });
    writeFileSync(this.path(file), content);
  }

  /** Runs the program of a tool in this project. Resolves with its output. */
  tool(name: string, ...args: string[]): Promise<string> {
    return this.node(program(name), ...args);
  }

  /** Runs Node in this project. */
  node(...args: string[]): Promise<string> {
    // A test runner started here would otherwise report to the one that runs this file.
    return run([process.execPath, ...args], {
      cwd: this.folder,
      env: { NODE_TEST_CONTEXT: undefined, NEXT_TELEMETRY_DISABLED: '1' },
      seconds: 600,
    });
  }

  /** Runs one file of this project in an empty folder, where it finds no package. */
  runAlone(file: string): Promise<string> {
    return this.runMoved(path.basename(file), { [file]: path.basename(file) });
  }

  /**
   * Copies files and folders of this project to another place, under new names, and runs one of them. The working directory
   * is not that place.
   */
  async runMoved(
    program: string,
    files: Readonly<Record<string, string>>,
    env: NodeJS.ProcessEnv = {},
  ): Promise<string> {
    const place = mkdtempSync(path.join(tmpdir(), 'fusewire-moved-'));
    try {
      for (const [from, to] of Object.entries(files)) {
        cpSync(this.path(from), path.join(place, to), { recursive: true, verbatimSymlinks: true });
      }
      return await run([process.execPath, path.join(place, program)], { cwd: tmpdir(), env });
    } finally {
      rmSync(place, { recursive: true });
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }

  #install(name: string, tarball: string): void {
    const folder = this.path('node_modules', name);
    mkdirSync(folder, { recursive: true });
    execFileSync('tar', ['-xzf', path.join(packages, tarball), '-C', folder, '--strip-components=1']);
  }
}

/** Layouts of the packages of a project, by the package manager. */
export const LAYOUTS = {
  npm: (project: Project): Project => project,
  pnpm: (project: Project): Project => project.layOutAsPnpm(),
};

function pnpmFolder(modules: string, name: string): string {
  return path.join(modules, '.pnpm', `${name.replace('/', '+')}@0.1.0`, 'node_modules', name);
}

/** Returns the path of the first program of a package. */
export function program(tool: string): string {
  const { bin } = readJson(path.join(tools, tool, 'package.json'));
  return path.join(tools, tool, typeof bin === 'string' ? bin : String(Object.values(bin)[0]));
}

function readJson(file: string) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
