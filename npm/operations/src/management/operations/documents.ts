import type { Dashboard } from '../../dashboard/dashboard.ts';
import { RequestProblem } from '../problem.ts';
import type { Operation } from './operation.ts';

const openapi: Operation = {
  access: 'read',
  summary: 'Return this document.',
  fields: {},
  result: 'OpenApi',
  run(services) {
    return { body: services.openapi() };
  },
};

const docs: Operation = {
  access: 'read',
  summary: 'Return a page for people with every route.',
  fields: {},
  result: 'Text',
  run(services) {
    return { body: services.docs(), contentType: 'text/html; charset=utf-8' };
  },
};

const session: Operation = {
  access: 'read',
  summary: 'Return who sends the request, and whether they may change something.',
  fields: {},
  result: 'Session',
  async run(_, __, { who, mayChange }) {
    return { body: { who, mayChange: await mayChange() } };
  },
};

const dashboard: Operation = {
  access: 'read',
  summary: 'Return the dashboard, a page for people.',
  needs: 'dashboard',
  fields: {},
  result: 'Text',
  run(services) {
    return { body: (services.dashboard as Dashboard).page('dashboard/') };
  },
};

const dashboardFile: Operation = {
  access: 'read',
  summary: 'Return a file of the dashboard.',
  needs: 'dashboard',
  fields: {
    file: { in: 'path', type: 'text', most: 100, required: true, description: 'Name of the file, as the page has it.' },
  },
  result: 'Text',
  statuses: [404],
  run(services, input) {
    const file = (services.dashboard as Dashboard).file(input['file'] as string);
    if (file === undefined) throw new RequestProblem('not-found', 'The dashboard has no file of this name');
    return { body: file };
  },
};

/** Operations that describe the API, or show it to people. */
export const documentOperations = { openapi, docs, session, dashboard, dashboardFile } as const;
