/** The everyday tasks, from the solutions that tests/tasks runs. */
import path from 'node:path';
import { LIBRARIES, linesBesideTheCall, solutionOf, sourceOf, taskFolders } from '../../../tests/tasks/solutions.ts';
import { read } from '../repository.ts';

/** Returns one section for each task: our solution, then those with other libraries. */
export function everydayTasks(): string {
  return taskFolders().map(taskSection).join('\n\n');
}

function taskSection(folder: string): string {
  const [ours, ...others] = LIBRARIES.map((library) => ({ library, solution: solutionOf(folder, library) }));
  const missing = others.filter(({ solution }) => solution === undefined).map(({ library }) => library);
  return [
    `## ${titleOf(folder)}`,
    `\`\`\`ts\n${sourceOf(ours?.solution as URL).trim()}\n\`\`\``,
    ...others.flatMap(({ library, solution }) =>
      solution === undefined ? [] : [comparison(library, sourceOf(solution))],
    ),
    ...(missing.length === 0 ? [] : [`There is no way with ${missing.join(' or ')}.`]),
  ].join('\n\n');
}

function comparison(library: string, source: string): string {
  const lines = linesBesideTheCall(source);
  const summary = `With ${library}: ${lines} ${lines === 1 ? 'line' : 'lines'} beside the call`;
  return `<details><summary>${summary}</summary>\n\n\`\`\`ts\n${source.trim()}\n\`\`\`\n\n</details>`;
}

/** Reads the title from the source, because a task imports what its check needs. */
function titleOf(folder: string): string {
  const [, title] = /title: '([^']+)'/.exec(read(path.posix.join('tests/tasks', folder, 'task.ts'))) ?? [];
  if (title === undefined) throw new Error(`tests/tasks/${folder}/task.ts has no title`);
  return title;
}
