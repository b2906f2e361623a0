import { breakerOperations } from './breakers.ts';
import { documentOperations } from './documents.ts';
import { healthOperations } from './health.ts';
import type { Operation } from './operation.ts';
import { optionOperations } from './options.ts';
import { overrideOperations } from './overrides.ts';

/** Every operation by its name. */
export const OPERATIONS = {
  ...breakerOperations,
  ...overrideOperations,
  ...optionOperations,
  ...healthOperations,
  ...documentOperations,
} as const satisfies Record<string, Operation>;

/** Name of an operation. */
export type OperationName = keyof typeof OPERATIONS;
