/** What `fusewire/errors` shares with the other subpaths on Node: the classes, their internals, and the errors of fallbacks. */
export * from '../errors.ts';
export * from '../policies/fallback/fallback-errors.ts';
