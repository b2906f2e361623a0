import type { BackendKind, Problem } from '../engine/backend.ts';
import type { Clock } from '../time/clock.ts';
import { brandOptionsError } from '../errors.ts';
import type { BreakerOptionsError } from '../errors.ts';
import type { CircuitBreakerOptions, EngineOptions, ResultPredicate, Verdict } from './options.ts';
import { LOG_LEVELS } from '../logging.ts';
import type { Logger } from '../logging.ts';

/** The options that stay in TypeScript, read. */
export interface Settings {
  readonly name: string;
  readonly backend: BackendKind;
  readonly shared: boolean;
  readonly clock: Clock | undefined;
  readonly hooks: CallHooks;
  /** Milliseconds a call may take; 0 for as long as it likes. Sound only once the engine has taken the options. */
  readonly timeout: number;
  readonly measured: boolean;
  /** What the engine is given to check. */
  readonly engine: Readonly<Record<string, unknown>>;
  /** What is wrong with the options that stay here. */
  readonly problems: readonly Problem[];
}

/** How outcomes are judged and told of: what most breakers leave alone. */
export interface CallHooks {
  readonly classify: ((error: unknown) => Verdict | undefined) | undefined;
  readonly isFailure: ResultPredicate | undefined;
  readonly logger: Logger | undefined;
  readonly rejectionStack: boolean;
}

const NO_HOOKS: CallHooks = {
  classify: undefined,
  isFailure: undefined,
  logger: undefined,
  rejectionStack: false,
};

const DEFAULT_NAME = 'unnamed';
const DEFAULT_TIMEOUT = 30_000;
const MAX_NAME_LENGTH = 200;
const FUNCTION = 'a function';

/** Reads options, which may be anything. */
export function readSettings(options: unknown, defaultName = DEFAULT_NAME): Settings {
  const given = options === undefined ? {} : requirePlainObject(options, 'options');
  const reader = new Reader(given);
  const name = reader.name(defaultName);
  const shared = reader.shared();
  const backend = reader.backend(shared);
  if (shared && given['name'] === undefined) reader.report('name', 'missing', "given where scope is 'process'");
  const clock = reader.callable('clock') as Clock | undefined;
  const hooks = reader.policy();
  const { timeout, responseTimes } = given as CircuitBreakerOptions;
  return {
    name,
    backend,
    shared,
    clock,
    hooks,
    timeout: timeout === undefined ? DEFAULT_TIMEOUT : typeof timeout === 'number' ? timeout : 0,
    measured: responseTimes !== false,
    engine: engineOptions(given),
    problems: reader.problems,
  };
}

/** Whether a breaker can have this name. */
export function isValidName(name: unknown): name is string {
  return typeof name === 'string' && name.length > 0 && name.length <= MAX_NAME_LENGTH;
}

/** The error that tells everything that is wrong with the options of a breaker, or of what else `subject` is. */
export function createOptionsError(
  name: string,
  given: unknown,
  problems: readonly Problem[],
  subject = 'Circuit breaker',
): BreakerOptionsError {
  const complaints = problems.map((problem) => describeProblem(problem, given)).join('; ');
  return brandOptionsError(name, `${subject} ${name}: ${complaints}`, problems);
}

/** Data as the engine can read it: what is no data becomes an empty array, which no option takes. */
export function toPlainData(value: unknown, depth = 0): unknown {
  if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') return [];
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return depth > MAX_DEPTH ? [] : value.map((item) => toPlainData(item, depth + 1));
  if (depth > MAX_DEPTH || Object.prototype.toString.call(value) !== '[object Object]') return [];
  const copy: Record<string, unknown> = Object.create(null);
  for (const key of Object.keys(value)) {
    const property: unknown = (value as Record<string, unknown>)[key];
    if (property !== undefined) copy[key] = toPlainData(property, depth + 1);
  }
  return copy;
}

/** Deeper than any option or snapshot goes; what refers to itself ends here. */
const MAX_DEPTH = 4;

/** Something with options in it. */
export type OptionsObject = Readonly<Record<string, unknown>>;

const OWN_OPTIONS: ReadonlySet<string> = new Set<Exclude<keyof CircuitBreakerOptions, EngineOption>>([
  'name',
  'clock',
  'classify',
  'isFailure',
  'logger',
  'backend',
  'scope',
  'rejectionStack',
]);
type EngineOption = keyof EngineOptions;

class Reader {
  readonly problems: Problem[] = [];
  readonly #given: OptionsObject;

  constructor(given: OptionsObject) {
    this.#given = given;
  }

  report(option: string, kind: Problem['kind'], expected: string): void {
    this.problems.push({ option, kind, expected });
  }

  name(defaultName: string): string {
    const { name } = this.#given;
    if (name === undefined) return defaultName;
    if (isValidName(name)) return name;
    const expected = `a non-empty string of at most ${MAX_NAME_LENGTH} characters`;
    this.report('name', typeof name === 'string' ? 'range' : 'type', expected);
    return defaultName;
  }

  shared(): boolean {
    return this.#oneOf('scope', ['local', 'process']) === 'process';
  }

  backend(shared: boolean): BackendKind {
    const backend = this.#oneOf('backend', ['wasm', 'native']);
    if (!shared) return backend ?? 'wasm';
    if (backend === 'wasm') this.report('backend', 'conflict', "'native' where scope is 'process'");
    return 'native';
  }

  policy(): CallHooks {
    const classify = this.callable('classify') as CallHooks['classify'];
    const isFailure = this.callable('isFailure') as CallHooks['isFailure'];
    const logger = this.#logger();
    const { rejectionStack } = this.#given;
    if (rejectionStack !== undefined && typeof rejectionStack !== 'boolean') {
      this.report('rejectionStack', 'type', 'true or false');
    }
    const isDefault = (classify ?? isFailure ?? logger) === undefined && rejectionStack !== true;
    return isDefault ? NO_HOOKS : { classify, isFailure, logger, rejectionStack: rejectionStack === true };
  }

  callable(option: string): unknown {
    const value = this.#given[option];
    if (value === undefined || typeof value === 'function') return value;
    this.report(option, 'type', FUNCTION);
    return undefined;
  }

  #logger(): Logger | undefined {
    const { logger } = this.#given;
    if (logger === undefined) return undefined;
    const isLogger =
      ((typeof logger === 'object' && logger !== null) || typeof logger === 'function') &&
      LOG_LEVELS.every((level) => typeof (logger as Partial<Logger>)[level] === 'function');
    if (isLogger) return logger as Logger;
    this.report('logger', 'type', 'an object with the functions debug, info, warn and error');
    return undefined;
  }

  #oneOf<Word extends string>(option: string, words: readonly [Word, Word]): Word | undefined {
    const value = this.#given[option];
    if (value === undefined || value === words[0] || value === words[1]) return value as Word | undefined;
    this.report(option, typeof value === 'string' ? 'range' : 'type', `'${words[0]}' or '${words[1]}'`);
    return undefined;
  }
}

/** The object itself; anything else is refused. */
export function requirePlainObject(value: unknown, what: string): OptionsObject {
  if (Object.prototype.toString.call(value) === '[object Object]') return value as OptionsObject;
  throw createOptionsError(DEFAULT_NAME, { [what]: value }, [{ option: what, kind: 'type', expected: 'an object' }]);
}

function engineOptions(given: OptionsObject): Record<string, unknown> {
  const engine = toPlainData(given) as Record<string, unknown>;
  for (const option of OWN_OPTIONS) delete engine[option];
  // Jitter that is the same in every process would bring them all back at the same moment.
  if (engine['seed'] === undefined) engine['seed'] = Math.floor(Math.random() * Number.MAX_SAFE_INTEGER);
  return engine;
}

function describeProblem({ option, kind, expected }: Problem, given: unknown): string {
  if (kind === 'unknown') return `${option} is not an option`;
  const told = `${option} must be ${expected}`;
  const value = valueAt(given, option);
  return value !== undefined && (kind === 'type' || kind === 'range') ? `${told}, got ${describeValue(value)}` : told;
}

function valueAt(given: unknown, path: string): unknown {
  let value = given;
  for (const name of path.split('..')) {
    if (typeof value !== 'object' || value === null) break;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

function describeValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
    case 'bigint':
      return `${value}n`;
    case 'function':
      return 'a function';
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? 'an array' : 'an object';
    default:
      return Object.is(value, -0) ? '-0' : String(value);
  }
}
