import { breakerRegistry, once } from '@fusewire/next';
import { contractProgram } from '@fusewire/testing/server';

export const program = once('program', contractProgram);
export const breakers = breakerRegistry({ defaults: { failureThreshold: 2 } });
