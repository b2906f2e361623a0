import type { BackendKind } from '../engine/backend.ts';
import { randomSeed } from '../engine/random-seed.ts';
import type { Logger } from '../logging.ts';
import { LOG_LEVELS } from '../logging.ts';
import { OptionsReader } from '../options/options-reader.ts';
import { toPlainData } from '../options/plain-data.ts';
import { OBSERVABLE_HANDLINGS } from '../run/observables.ts';
import type { ObservableHandling } from '../run/observables.ts';
import type { Clock } from '../time/clock.ts';
import { OPTION_PATHS } from './option-paths.ts';
import type { CircuitBreakerOptions, EngineOptions, ResultPredicate, Verdict } from './options.ts';

/** The subject of a breaker's options errors. */
export const SUBJECT = 'Circuit breaker';

/** Options of a breaker, read. The engine checks its own when it creates the breaker. */
export interface Settings {
  readonly name: string;
  /** Backend that the options choose; undefined if they choose none. */
  readonly backend: BackendKind | undefined;
  readonly shared: boolean;
  readonly clock: Clock | undefined;
  readonly hooks: CallHooks;
  readonly rejectionStack: boolean;
  readonly observables: ObservableHandling | undefined;
  /** Milliseconds that a call may take; 0 for no limit. Valid only once the engine has accepted the options. */
  readonly timeout: number;
  readonly measured: boolean;
  readonly enabled: boolean;
  readonly initialMode: 'normal' | 'shadow';
  /** Options that the engine checks. */
  readonly engine: Readonly<Record<string, unknown>>;
  /** Collects the problems of the options. */
  readonly reader: OptionsReader;
}

/** Functions of the user that classify and log calls. Most breakers have none. */
export interface CallHooks {
  readonly classify: ((error: unknown) => Verdict | undefined) | undefined;
  readonly isFailure: ResultPredicate | undefined;
  readonly logger: Logger | undefined;
}

/** Shared by every breaker without hooks. */
const NO_HOOKS: CallHooks = { classify: undefined, isFailure: undefined, logger: undefined };

const DEFAULT_NAME = 'unnamed';
/** Call timeout of a breaker whose options set none, in milliseconds. */
export const DEFAULT_TIMEOUT = 30_000;

/** Reads the options of a breaker, which may hold anything. Throws only if they are not an object. */
export function readSettings(options: unknown, defaultName = DEFAULT_NAME): Settings {
  const reader = new OptionsReader(defaultName, options === undefined ? {} : options, SUBJECT);
  reader.suggest(OPTION_PATHS);
  const name = reader.name();
  const shared = reader.oneOf('scope', ['local', 'process']) === 'process';
  const backend = readBackend(reader, shared);
  if (shared && reader.value('name') === undefined) {
    reader.report('name', 'missing', "given where scope is 'process'");
  }
  const clock = reader.callable('clock') as Clock | undefined;
  const hooks = readHooks(reader);
  const rejectionStack = reader.boolean('rejectionStack') ?? false;
  const observables = reader.oneOf('observables', OBSERVABLE_HANDLINGS);
  const enabled = reader.boolean('enabled') ?? true;
  const initialMode = reader.oneOf('initialMode', ['normal', 'shadow']) ?? 'normal';
  if (shared && initialMode === 'shadow') {
    reader.report(
      'initialMode',
      'conflict',
      "omitted where scope is 'process': the first thread alone would decide it",
    );
  }
  const rest = reader.rest();
  const { timeout, responseTimes } = rest as EngineOptions;
  return {
    name,
    backend,
    shared,
    clock,
    hooks,
    rejectionStack,
    observables,
    timeout: timeoutOf(timeout),
    enabled,
    initialMode,
    measured: responseTimes !== false,
    engine: engineOptions(rest),
    reader,
  };
}

/** Returns the milliseconds of the option `timeout`; 0 for no limit. */
export function timeoutOf(timeout: unknown): number {
  return timeout === undefined ? DEFAULT_TIMEOUT : typeof timeout === 'number' ? timeout : 0;
}

function readBackend(reader: OptionsReader, shared: boolean): BackendKind | undefined {
  const backend = reader.oneOf('backend', ['wasm', 'native']);
  if (!shared) return backend;
  if (backend === 'wasm') reader.report('backend', 'conflict', "'native' where scope is 'process'");
  return 'native';
}

function readHooks(reader: OptionsReader): CallHooks {
  const classify = reader.callable('classify') as CircuitBreakerOptions['classify'];
  const isFailure = reader.callable('isFailure') as CircuitBreakerOptions['isFailure'];
  const logger = readLogger(reader);
  const isEmpty = (classify ?? isFailure ?? logger) === undefined;
  return isEmpty ? NO_HOOKS : { classify, isFailure, logger };
}

function readLogger(reader: OptionsReader): Logger | undefined {
  const logger = reader.value('logger');
  if (logger === undefined) return undefined;
  const isLogger =
    ((typeof logger === 'object' && logger !== null) || typeof logger === 'function') &&
    LOG_LEVELS.every((level) => typeof (logger as Partial<Logger>)[level] === 'function');
  if (isLogger) return logger as Logger;
  reader.report('logger', 'type', 'an object with the functions debug, info, warn and error');
  return undefined;
}

function engineOptions(options: object): Record<string, unknown> {
  const engine = toPlainData(options) as Record<string, unknown>;
  // With the same jitter in every process, all of them would try the dependency again at the same moment.
  if (engine['seed'] === undefined) engine['seed'] = randomSeed();
  return engine;
}
