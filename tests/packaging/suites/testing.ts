/** The matchers of the test kit in each test runner, and their types. */
import { holds, passed } from '../matrix.ts';
import { Project } from '../project.ts';

const strict = { strict: true, noEmit: true, skipLibCheck: true, module: 'nodenext', types: ['node'] };

for (const version of ['vitest-3', 'vitest-4', 'vitest']) {
  holds(version, 'matchers, their types', async () => {
    using project = new Project('vitest-matchers').add('testing').add('dialects').add('opossum');
    if (version !== 'vitest') project.link(version, 'vitest');
    project.write('tsconfig.json', JSON.stringify({ compilerOptions: strict }));
    project.write('package.json', '{ "type": "module" }');
    await project.tool('typescript');
    if (version === 'vitest-3') return '';
    await project.tool(version, 'run', '--reporter=json', '--outputFile=results.json');
    return passed(3, project.read('results.json'));
  });
}

holds('jest', 'matchers, their types', async () => {
  using project = new Project('jest-matchers').add('testing');
  project.write('tsconfig.json', JSON.stringify({ compilerOptions: strict, include: ['types.ts'] }));
  await project.tool('typescript');
  await project.tool('jest', '--json', '--outputFile=results.json');
  return passed(1, project.read('results.json'));
});
