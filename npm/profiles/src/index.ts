export { boolean, oneOf } from './variables/choices.ts';
export { ConfigurationError } from './configuration-error.ts';
export { defineBreakers } from './breakers/define-breakers.ts';
export { environments, presets } from './presets.ts';
export { integer, number } from './variables/numbers.ts';
export { readVariables } from './variables/read-variables.ts';
export { secret, text } from './variables/text.ts';
export { url } from './variables/url.ts';

export type { BreakerDefinition, BreakerProfile, BreakersHandle } from './breakers/definition.ts';
export type { ConfigurationProblem } from './configuration-error.ts';
export type { DefineBreakersOptions, DefinedBreakers, Environments } from './breakers/definition.ts';
export type { NumberOptions } from './variables/numbers.ts';
export type { OptionsOfBreaker } from './breakers/options.ts';
export type { PresetName } from './presets.ts';
export type { ReadVariablesOptions, VariableSchema, VariablesOf } from './variables/read-variables.ts';
export type { Requirement, Variable, VariableValues } from './variables/variable.ts';
export type { SecretOptions, TextOptions } from './variables/text.ts';
export type { UrlOptions } from './variables/url.ts';
