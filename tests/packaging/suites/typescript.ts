/** TypeScript: the declarations compile under the strictest settings, and the emitted program runs. */
import assert from 'node:assert/strict';
import { holds } from '../matrix.ts';
import { packageNames, Project } from '../project.ts';

const strictest = {
  target: 'es2022',
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  isolatedModules: true,
  verbatimModuleSyntax: false,
  skipLibCheck: false,
  noEmitOnError: true,
  outDir: 'out',
};

const esm = { type: 'module' };
const cjs = { type: 'commonjs' };
const node = { types: ['node'], lib: ['es2022'] };
const browser = { types: [], lib: ['es2022', 'dom'] };

const settings = [
  ['node16 in an ES module', esm, { module: 'node16', ...node }],
  ['node16 in CommonJS', cjs, { module: 'node16', ...node }],
  ['bundler', esm, { module: 'esnext', moduleResolution: 'bundler', ...node }],
  ['bundler, for browsers', esm, { module: 'esnext', moduleResolution: 'bundler', ...browser }],
] as const;

const nodenext = [
  ['nodenext in an ES module', esm, { module: 'nodenext', ...node }],
  ['nodenext in CommonJS', cjs, { module: 'nodenext', ...node }],
] as const;

// The lowest version that the packages support comes first.
declares('typescript-5.2');
compiles('typescript-5.2', ...settings[0]);
declares('typescript');
for (const [name, manifest, options] of settings) compiles('typescript', name, manifest, options);
for (const [name, manifest, options] of [...settings, ...nodenext]) compiles('typescript-7', name, manifest, options);

function compiles(compiler: string, name: string, manifest: object, options: object): void {
  holds(compiler, name, async () => {
    using project = new Project('typescript');
    project.write('package.json', JSON.stringify(manifest));
    project.write('tsconfig.json', JSON.stringify({ compilerOptions: { ...strictest, ...options } }));
    await project.tool(compiler);
    const output = await project.node('out/main.js');
    assert.equal(output.trim(), 'wasm; CLOSED OPEN; ERR_CIRCUIT_OPEN 1000; OPEN HALF_OPEN; HALF_OPEN CLOSED; up');
    return 'wasm';
  });
}

/** Defines a test that compiles the declarations of every package. */
function declares(compiler: string): void {
  holds(compiler, 'the declarations of every package', async () => {
    using project = new Project();
    const entries = packageNames().flatMap((name) => project.add(name).entriesOf(name));
    const needsRunner = ['@fusewire/testing/vitest', '@fusewire/testing/jest'];
    const imports = ['fusewire', 'fusewire/doctor', ...entries].filter((name) => !needsRunner.includes(name));
    project.write('package.json', JSON.stringify(esm));
    project.write(
      'main.ts',
      imports.map((name, index) => `import * as all${index} from '${name}';\nvoid all${index};\n`).join(''),
    );
    const options = { ...strictest, module: 'node16', ...node, noEmit: true };
    project.write('tsconfig.json', JSON.stringify({ compilerOptions: options }));
    const output = await project.tool(compiler).catch((error: Error) => error.message);
    // Packages of others may need a newer compiler.
    const problems = output.split('\n').filter((line) => line.includes(': error TS') && !line.startsWith('../'));
    assert.deepEqual(problems, []);
    assert.ok(imports.length > 15, imports.join());
    return '';
  });
}
