/** The matchers of the test kit in each test runner, and their types. */
import { holds, passed } from '../matrix.ts';
import { Project } from '../project.ts';

const strict = { strict: true, noEmit: true, skipLibCheck: true, module: 'nodenext', types: ['node'] };

holds('vitest', 'matchers, in TypeScript', async () => {
  using project = new Project('vitest-matchers').add('testing');
  project.write('tsconfig.json', JSON.stringify({ compilerOptions: strict }));
  project.write('package.json', '{ "type": "module" }');
  await project.tool('typescript');
  await project.tool('vitest', 'run', '--reporter=json', '--outputFile=results.json');
  return passed(2, project.read('results.json'));
});

holds('jest', 'matchers, their types', async () => {
  using project = new Project('jest-matchers').add('testing');
  project.write('tsconfig.json', JSON.stringify({ compilerOptions: strict, include: ['types.ts'] }));
  await project.tool('typescript');
  await project.tool('jest', '--json', '--outputFile=results.json');
  return passed(1, project.read('results.json'));
});
