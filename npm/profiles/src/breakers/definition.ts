/// <reference lib="esnext.disposable" preserve="true" />
import type { BreakerRegistry, CircuitBreaker } from 'fusewire';
import type { PresetName } from '../presets.ts';
import type { VariableValues } from '../variables/variable.ts';
import type { OptionsOfBreaker } from './options.ts';

/** Options by the name of an environment. */
export type Environments = Readonly<Record<string, OptionsOfBreaker>>;

/** Definition of a breaker: the name of a preset, or options with an optional `preset` and `environments`. */
export type BreakerDefinition = PresetName | BreakerProfile;

/** Options of a breaker, a preset below them, and overrides by environment. */
export interface BreakerProfile extends OptionsOfBreaker {
  /** Preset that the options override. Default: none. */
  readonly preset?: PresetName | undefined;
  /** Options that override the others in an environment. Default: none. */
  readonly environments?: Environments | undefined;
}

/** Options of {@link defineBreakers}. */
export interface DefineBreakersOptions {
  /** Name of the environment. Default: `NODE_ENV` of the process, or none if there is no process. */
  readonly environment?: string | undefined;
  /** Options that override those of every breaker in an environment. Default: none. */
  readonly environments?: Environments | undefined;
  /** Options of every breaker, which everything else overrides. Default: those of fusewire. */
  readonly defaults?: OptionsOfBreaker | undefined;
  /** Variables that override everything else. Default: those of the process, or none if it may not read them. False: none. */
  readonly variables?: VariableValues | false | undefined;
  /** Prefix of the names of these variables. Default `'BREAKER_'`. */
  readonly prefix?: string | undefined;
  /** Whether a variable with the prefix that belongs to no breaker is an error. Default `'refuse'`. */
  readonly unknownVariables?: 'refuse' | 'ignore' | undefined;
  /** Registry of the breakers. Default: a new one. */
  readonly registry?: BreakerRegistry | undefined;
}

/** Breakers by name, with the members of {@link BreakersHandle}, which `Object.keys` does not list. */
export type DefinedBreakers<Name extends string> = { readonly [Each in Name]: CircuitBreaker } & BreakersHandle;

/** Members of the result of {@link defineBreakers} beside the breakers. A breaker cannot have one of these names. */
export interface BreakersHandle {
  /** Registry of the breakers. */
  readonly registry: BreakerRegistry;
  /** Name of the environment that the options are taken from. */
  readonly environment: string | undefined;
  /** Disposes every breaker, and removes it from the registry. */
  dispose(): void;
  /** Calls `dispose()` at the end of a block with `using`. */
  [Symbol.dispose](): void;
}
