export { boolean, oneOf, secret, text } from './variables/words.ts';
export { ConfigurationError, isConfigurationError } from './configuration-error.ts';
export { defineBreakers } from './breakers/define.ts';
export { environments, presets } from './presets.ts';
export { integer, number } from './variables/numbers.ts';
export { readVariables } from './variables/read.ts';
export { url } from './variables/url.ts';

export type { BreakerDefinition, BreakerProfile, BreakersHandle } from './breakers/define.ts';
export type { ConfigurationProblem } from './configuration-error.ts';
export type { DefineBreakersOptions, DefinedBreakers, Environments } from './breakers/define.ts';
export type { NumberOptions } from './variables/numbers.ts';
export type { OptionsOfBreaker } from './breakers/options.ts';
export type { PresetName } from './presets.ts';
export type { ReadVariablesOptions, VariableSchema, VariablesOf } from './variables/read.ts';
export type { Requirement, Variable } from './variables/variable.ts';
export type { SecretOptions, TextOptions } from './variables/words.ts';
export type { UrlOptions } from './variables/url.ts';
export type { VariableValues } from './secrets.ts';
