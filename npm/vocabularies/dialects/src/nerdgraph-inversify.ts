export { circuitBreakerModule, TYPES } from './nerdgraph/module.ts';

export type { CircuitBreakerModuleOptions } from './nerdgraph/module.ts';
