import type { CircuitBreakerOptions } from 'fusewire';
import { parseNumber } from '../variables/numbers.ts';

/** The options of a breaker beside its name. */
export type OptionsOfBreaker = Omit<CircuitBreakerOptions, 'name'>;

/** What a text stands for; the text itself where it is none of that, which the breaker then refuses. */
type Parse = (text: string) => unknown;

const word: Parse = (text) => text;
const number: Parse = (text) => parseNumber(text) ?? text;
const boolean: Parse = (text) => (text === 'true' ? true : text === 'false' ? false : text);
const numberOrFalse: Parse = (text) => (text === 'false' ? false : number(text));

/** The options that a variable can give, by their path. Functions and objects cannot stand in one. */
export const OPTIONS: Readonly<Record<string, Parse>> = {
  failureThreshold: number,
  consecutiveFailureThreshold: number,
  failureRateThreshold: number,
  slowCallRateThreshold: number,
  slowCallDuration: number,
  minimumCalls: number,
  'window.type': word,
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
  seed: number,
  backend: word,
  scope: word,
};

/** Options of which the one given last goes in the place of the others. */
const ALTERNATIVES: readonly (readonly string[])[] = [
  ['window', 'monitoringWindow', 'monitoringPeriod'],
  ['resetTimeout', 'retryDelay'],
  ['successThreshold', 'halfOpen'],
];

/** Options over options: what the upper ones say holds, under whichever of its names. */
export function layered(lower: OptionsOfBreaker, upper: OptionsOfBreaker): OptionsOfBreaker {
  const given = Object.entries(upper).filter(([, value]) => value !== undefined);
  const below: Record<string, unknown> = { ...lower };
  for (const [option] of given) for (const other of alternativesOf(option)) delete below[other];
  return { ...below, ...Object.fromEntries(given) };
}

/** An option that a variable gives. */
export interface GivenOption {
  readonly variable: string;
  /** Such as `window.size`. */
  readonly path: string;
  readonly value: unknown;
}

/** Of variables that give one option under two of its names, the later and the earlier. */
export function* givenTwice(given: readonly GivenOption[]): Iterable<readonly [GivenOption, GivenOption]> {
  for (const [index, later] of given.entries()) {
    const others = alternativesOf(rootOf(later.path));
    const earlier = given.slice(0, index).find(({ path }) => others.includes(rootOf(path)));
    if (earlier !== undefined) yield [later, earlier];
  }
}

/** What variables say over options; what stands beside it in the same object stays. */
export function withVariables(options: OptionsOfBreaker, given: readonly GivenOption[]): OptionsOfBreaker {
  const type = windowType(given);
  const other = type !== undefined && asObject('window', options)['type'] !== type;
  const start = other ? layered(options, { window: { type } as never }) : options;
  return given.reduce((below, { path, value }) => withOption(below, path, value), start);
}

function withOption(options: OptionsOfBreaker, path: string, value: unknown): OptionsOfBreaker {
  const [option = '', inner] = path.split('.');
  const whole = inner === undefined ? value : { ...asObject(option, options), [inner]: value };
  return layered(options, { [option]: whole } as OptionsOfBreaker);
}

/** The kind of window that variables ask for: what one kind has must not go into the other. */
function windowType(given: readonly GivenOption[]): unknown {
  const type = given.find(({ path }) => path === 'window.type');
  if (type !== undefined) return type.value;
  if (given.some(({ path }) => path === 'window.size')) return 'count';
  return given.some(({ path }) => path.startsWith('window.')) ? 'time' : undefined;
}

/** An option as the object that it is short for. */
function asObject(option: string, options: OptionsOfBreaker): Record<string, unknown> {
  const given = options as Readonly<Record<string, unknown>>;
  const value = [option, ...alternativesOf(option)].map((name) => given[name]).find((each) => each !== undefined);
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
