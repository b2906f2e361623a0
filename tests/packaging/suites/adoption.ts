/** The code of the four backends' documents, the everyday tasks, and programs of opossum's users, on the installed packages. */
import assert from 'node:assert/strict';
import { holds } from '../matrix.ts';
import { Project } from '../project.ts';

interface TestsOptions {
  readonly packages: readonly string[];
  /** Other folders of the repository that the tests load from. */
  readonly helpers?: readonly string[];
  readonly backend?: 'wasm' | 'native';
}

/** Runs the tests of a folder of the repository, which load packages by name, in a project with these packages. */
function runsTests(what: string, folder: string, { packages, helpers = [], backend = 'wasm' }: TestsOptions): void {
  holds('node', what, async () => {
    using project = new Project();
    for (const name of packages) project.add(name);
    if (backend === 'native') project.addAddon();
    project.take(folder);
    for (const helper of helpers) project.borrow(helper);
    const tests = project.find(`${folder}/**/*.test.ts`);
    const report = await project.node('--test', '--test-reporter=spec', ...tests);
    const [, passed] = /^ℹ pass (\d+)$/m.exec(report) ?? [];
    assert.ok(Number(passed) >= tests.length, `${passed} tests passed`);
    assert.match(report, /^ℹ fail 0$/m);
    return backend;
  });
}

runsTests("the four documents' code", 'tests/dialects', { packages: ['dialects'] });
runsTests('the everyday tasks and the pitfalls', 'tests/tasks', {
  packages: ['http', 'prometheus', 'testing'],
  helpers: ['tests/queues'],
  backend: 'native',
});

holds('node', "a program of opossum's users", async () => {
  using project = new Project('opossum').add('opossum');
  assert.equal(await project.node('main.mjs'), 'one\n');
  return 'wasm';
});

const typed = { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, skipLibCheck: false };
const node = { ...typed, target: 'es2022', types: ['node'], outDir: 'out' };
const bundler = { ...node, module: 'esnext', moduleResolution: 'bundler', noEmit: true };

/** Compiles typed programs of opossum's users, and runs them if the compiler writes modules for Node. */
function compiles(compiler: string, what: string, type: string, options: object, files: readonly string[]): void {
  holds(compiler, `typed programs of opossum's users: ${what}`, async () => {
    using project = new Project('opossum').add('opossum');
    project.write('package.json', JSON.stringify({ type }));
    project.write('tsconfig.json', JSON.stringify({ compilerOptions: options, files }));
    await project.tool(compiler);
    if (!('noEmit' in options)) for (const file of files) await project.node(`out/${file.replace('.ts', '.js')}`);
    return 'wasm';
  });
}

const programs = ['typed.ts', 'named.ts'];
for (const compiler of ['typescript', 'typescript-7']) {
  compiles(compiler, 'nodenext in an ES module', 'module', { ...node, module: 'nodenext' }, programs);
  compiles(compiler, 'nodenext in CommonJS', 'commonjs', { ...node, module: 'nodenext' }, programs);
  compiles(compiler, 'bundler', 'module', bundler, programs);
}
const namespace = { esModuleInterop: false };
const commonjs = { ...node, ...namespace, module: 'commonjs', moduleResolution: 'node10' };
compiles('typescript', 'a namespace in CommonJS', 'commonjs', commonjs, ['namespace.ts']);
compiles('typescript', 'a namespace, bundler', 'module', { ...bundler, ...namespace }, ['namespace.ts']);
