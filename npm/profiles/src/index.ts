export { ConfigurationError } from './configuration-error.ts';
export { defineBreakers } from './breakers/define-breakers.ts';
export { presets } from './presets.ts';

export type { BreakerDefinition, DefineBreakersOptions, DefinedBreakers } from './breakers/definition.ts';
export type { ConfigurationProblem } from './configuration-error.ts';
