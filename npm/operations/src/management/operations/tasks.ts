import { RequestProblem } from '../problem.ts';
import { REASON, reasonOf } from './operation.ts';
import type { Operation } from './operation.ts';

/** Function of the program that operators may run, such as a migration. It should do nothing when it is repeated. */
export type Task = () => unknown;

const runTask: Operation = {
  access: 'change',
  summary: 'Run a task of the program, such as a migration.',
  needs: 'tasks',
  fields: {
    task: { in: 'path', type: 'text', most: 200, required: true, description: 'Name of the task.' },
    reason: REASON,
  },
  result: 'TaskResult',
  statuses: [404],
  async run(services, input) {
    const name = input['task'] as string;
    const task = services.tasks.get(name);
    if (task === undefined) throw new RequestProblem('not-found', 'There is no task of this name');
    await services.guarded('a task', task);
    return {
      body: { task: name },
      change: { breaker: null, summary: `ran the task ${name}`, reason: reasonOf(input), details: { task: name } },
    };
  },
};

/** Operations on tasks. */
export const taskOperations = { runTask } as const;
