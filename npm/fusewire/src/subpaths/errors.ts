/** `fusewire/errors`: the errors without the breaker, for programs that only handle them. */
export * from '../errors/index.ts';
export { fallbackErrorsOf } from '../policies/fallback/fallback-errors.ts';

export type { FallbackFault } from '../policies/fallback/fallback-errors.ts';
