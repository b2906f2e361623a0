/** The code of the four backends' documents, and programs of opossum's users, on the installed packages. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { holds } from '../matrix.ts';
import { Project } from '../project.ts';

/** Runs the tests of a folder of the repository, which load packages by name, in a project with these packages. */
function runsTests(what: string, folder: string, packages: readonly string[]): void {
  holds('node', what, async () => {
    using project = new Project();
    for (const name of packages) project.add(name);
    project.take(folder);
    const tests = readdirSync(project.folder).filter((file) => file.endsWith('.test.ts'));
    const report = await project.node('--test', '--test-reporter=spec', ...tests);
    const [, passed] = /^ℹ pass (\d+)$/m.exec(report) ?? [];
    assert.ok(Number(passed) >= tests.length, `${passed} tests passed`);
    assert.match(report, /^ℹ fail 0$/m);
    return 'wasm';
  });
}

runsTests("the four documents' code", 'tests/dialects', ['dialects']);

holds('node', "a program of opossum's users", async () => {
  using project = new Project('opossum').add('opossum');
  assert.equal(await project.node('main.mjs'), 'one\n');
  return 'wasm';
});
