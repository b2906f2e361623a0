import { breakerRegistry, once } from '@fusewire/next';
import { contractProgram } from '@fusewire/testing/server';

export const program = once('program', contractProgram);
export const breakers = breakerRegistry({ defaults: { failureThreshold: 2 } });
/** Path of this application, as clients see it. */
export const base = process.env.APPLICATION_BASE_PATH ?? '';
export const version = 1;
