import type { CircuitBreakerOptions } from 'fusewire';
import { parseNumber } from '../variables/numbers.ts';

/** Options of a breaker without its name. */
export type OptionsOfBreaker = Omit<CircuitBreakerOptions, 'name'>;

/** Parses the text of a variable. Returns the text itself if it is invalid, and the breaker then rejects it. */
type Parse = (text: string) => unknown;

const string: Parse = (text) => text;
const number: Parse = (text) => parseNumber(text) ?? text;
const boolean: Parse = (text) => (text === 'true' ? true : text === 'false' ? false : text);
const numberOrFalse: Parse = (text) => (text === 'false' ? false : number(text));

/** Parsers of the options that a variable can set, by their path. A variable cannot hold a function or an object. */
export const PARSERS: Readonly<Record<string, Parse>> = {
  enabled: boolean,
  initialMode: string,
  failureThreshold: number,
  consecutiveFailureThreshold: number,
  failureRateThreshold: number,
  slowCallRateThreshold: number,
  slowCallDuration: number,
  minimumCalls: number,
  'window.type': string,
  'window.duration': number,
  'window.buckets': number,
  'window.size': number,
  monitoringWindow: number,
  monitoringPeriod: number,
  resetTimeout: number,
  'resetTimeout.initial': number,
  'resetTimeout.factor': number,
  'resetTimeout.max': number,
  'resetTimeout.jitter': number,
  retryDelay: number,
  successThreshold: number,
  maxConcurrentRequests: number,
  'halfOpen.calls': number,
  'halfOpen.failureRateThreshold': number,
  'recovery.ramp': number,
  'recovery.initialShare': number,
  'inFlight.limit': numberOrFalse,
  timeout: numberOrFalse,
  responseTimes: boolean,
  rejectionStack: boolean,
  observables: string,
  seed: number,
  backend: string,
  scope: string,
};

/** Options that replace each other: the last one set wins. */
const ALTERNATIVES: readonly (readonly string[])[] = [
  ['window', 'monitoringWindow', 'monitoringPeriod'],
  ['resetTimeout', 'retryDelay'],
  ['successThreshold', 'halfOpen'],
];

/** Returns options that override others. An alternative name of an overridden option is removed. */
export function overrideOptions(lower: OptionsOfBreaker, upper: OptionsOfBreaker): OptionsOfBreaker {
  const overrides = Object.entries(upper).filter(([, value]) => value !== undefined);
  const kept: Record<string, unknown> = { ...lower };
  for (const [option] of overrides) for (const other of alternativesOf(option)) delete kept[other];
  return { ...kept, ...Object.fromEntries(overrides) };
}

/** Option that a variable sets. */
export interface VariableOption {
  readonly variable: string;
  /** Path of the option, such as `window.size`. */
  readonly path: string;
  readonly value: unknown;
}

/** Yields pairs of variables that set one option under two of its names: the later and the earlier. */
export function* conflictingOptions(
  options: readonly VariableOption[],
): Iterable<readonly [VariableOption, VariableOption]> {
  for (const [index, later] of options.entries()) {
    const others = alternativesOf(rootOf(later.path));
    const earlier = options.slice(0, index).find(({ path }) => others.includes(rootOf(path)));
    if (earlier !== undefined) yield [later, earlier];
  }
}

/** Returns options with those of variables. A nested option leaves the others of its object unchanged. */
export function applyVariables(options: OptionsOfBreaker, variables: readonly VariableOption[]): OptionsOfBreaker {
  const type = windowType(variables);
  const changesType = type !== undefined && asObject('window', options)['type'] !== type;
  const start = changesType ? overrideOptions(options, { window: { type } as never }) : options;
  return variables.reduce((lower, { path, value }) => withOption(lower, path, value), start);
}

function withOption(options: OptionsOfBreaker, path: string, value: unknown): OptionsOfBreaker {
  const [option = '', inner] = path.split('.');
  const whole = inner === undefined ? value : { ...asObject(option, options), [inner]: value };
  return overrideOptions(options, { [option]: whole } as OptionsOfBreaker);
}

/** Returns the type of window that variables imply. The options of one type must not end up in the other. */
function windowType(variables: readonly VariableOption[]): unknown {
  const type = variables.find(({ path }) => path === 'window.type');
  if (type !== undefined) return type.value;
  if (variables.some(({ path }) => path === 'window.size')) return 'count';
  return variables.some(({ path }) => path.startsWith('window.')) ? 'time' : undefined;
}

/** Returns an option as an object, even if it is set in its short form. */
function asObject(option: string, options: OptionsOfBreaker): Record<string, unknown> {
  const values = options as Readonly<Record<string, unknown>>;
  const value = [option, ...alternativesOf(option)].map((name) => values[name]).find((each) => each !== undefined);
  if (typeof value === 'object' && value !== null) return { ...value };
  if (value === undefined) return {};
  if (option === 'window') return { type: 'time', duration: value };
  return option === 'resetTimeout' ? { initial: value } : {};
}

function rootOf(path: string): string {
  return path.split('.')[0] as string;
}

function alternativesOf(option: string): readonly string[] {
  return ALTERNATIVES.find((group) => group.includes(option))?.filter((other) => other !== option) ?? [];
}
