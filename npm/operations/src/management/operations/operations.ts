import { breakerOperations } from './breakers.ts';
import { documentOperations } from './documents.ts';
import { eventOperations } from './events.ts';
import { healthOperations } from './health.ts';
import { metricsOperations } from './metrics.ts';
import type { Operation } from './operation.ts';
import { optionOperations } from './options.ts';
import { overrideOperations } from './overrides.ts';
import { queueOperations } from './queues.ts';
import { taskOperations } from './tasks.ts';
import { testOperations } from './tests.ts';

/** Every operation by its name. */
export const OPERATIONS = {
  ...breakerOperations,
  ...overrideOperations,
  ...optionOperations,
  ...healthOperations,
  ...metricsOperations,
  ...eventOperations,
  ...queueOperations,
  ...taskOperations,
  ...testOperations,
  ...documentOperations,
} as const satisfies Record<string, Operation>;

/** Name of an operation. */
export type OperationName = keyof typeof OPERATIONS;
