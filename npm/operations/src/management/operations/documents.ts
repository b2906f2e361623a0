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

/** Operations that describe the API. */
export const documentOperations = { openapi } as const;
