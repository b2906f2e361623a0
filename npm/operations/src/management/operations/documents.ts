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

/** Operations that describe the API. */
export const documentOperations = { openapi, docs } as const;
