/** What `fusewire/errors` shares with the other subpaths on Node: the classes, their internals, and the errors of fallbacks. */
export * from '../errors/circuit-open-error.ts';
export * from '../errors/engine-load-error.ts';
export * from '../errors/error-class.ts';
export * from '../errors/index.ts';
export * from '../errors/misuse.ts';
export * from '../errors/stacks.ts';
export * from '../policies/fallback/fallback-errors.ts';
