import { BreakerRegistry, CircuitBreaker, OptionsError } from 'fusewire';
import { readOptions } from 'fusewire/kit';
import type { CircuitBreakerOptions, Outcome } from 'fusewire';
import type { OptionsReader } from 'fusewire/kit';
import { classifierOf, readClassification } from './http.ts';
import type { ClassificationOptions } from './http.ts';
import type { Classifier } from './rules.ts';
import type { Now } from './classification.ts';

/** Options of the breaker of an origin. The origin is the name of the breaker. */
export type OriginBreakerOptions = Omit<CircuitBreakerOptions, 'name'>;

/** Options of the breakers by origin. */
export interface OriginOptions extends ClassificationOptions {
  /** Name of the client in errors about its options. */
  readonly name?: string | undefined;
  /**
   * Options of every breaker. Without a `classify` of its own, each keeps the classification of {@link http}. Default: the
   * defaults of fusewire.
   */
  readonly breaker?: OriginBreakerOptions | undefined;
  /** Additional options for single origins, by origin, such as `'https://api.example.org'`. */
  readonly origins?: Readonly<Record<string, OriginBreakerOptions>> | undefined;
  /** Returns a breaker of your own for a URL. If it returns undefined, the breaker of the origin is used. */
  readonly breakerFor?: ((url: URL) => CircuitBreaker | undefined) | undefined;
  /** Largest number of breakers. Default 1 000. */
  readonly max?: number | undefined;
  /** Milliseconds after which an unused breaker is removed. Default 600 000. */
  readonly idle?: number | undefined;
}

/** Breakers by origin. Each is created on first use, and their number is bounded. */
export class OriginBreakers {
  /** Registry of the breakers. Their keys are the origins. */
  readonly registry: BreakerRegistry;
  /** Error classification of the breakers and the retry. */
  readonly classify: Classifier;
  /** Returns the wall clock in milliseconds since 1970. */
  readonly now: Now;
  readonly #defaults: OriginBreakerOptions;
  readonly #options: Readonly<Record<string, OriginBreakerOptions>>;
  readonly #breakerFor: OriginOptions['breakerFor'];

  /** @internal */
  constructor(
    registry: BreakerRegistry,
    classify: Classifier,
    now: Now,
    defaults: OriginBreakerOptions,
    options: Readonly<Record<string, OriginBreakerOptions>>,
    breakerFor: OriginOptions['breakerFor'],
  ) {
    this.registry = registry;
    this.classify = classify;
    this.now = now;
    this.#defaults = defaults;
    this.#options = options;
    this.#breakerFor = breakerFor;
  }

  /**
   * Returns the breaker for a URL. Call it for each request, because an unused breaker is removed.
   *
   * @throws {TypeError} if `url` is not a valid URL. An error of `breakerFor` is thrown unchanged.
   */
  for(url: URL | string): CircuitBreaker {
    const { origin, href } = typeof url === 'string' ? new URL(url) : url;
    return this.ofOrigin(origin, href);
  }

  /** Returns the breaker for an address whose origin is known. */
  ofOrigin(origin: string, address: string | (() => string)): CircuitBreaker {
    if (this.#breakerFor !== undefined) {
      const own = this.#breakerFor(new URL(typeof address === 'string' ? address : address()));
      if (own !== undefined) return own;
    }
    return this.registry.for(origin.slice(-MAX_NAME_LENGTH), this.#options[origin]);
  }

  /** Whether every breaker counts a {@link CallerAbort} neither way. Those of `breakerFor` may classify it otherwise. */
  get ignoresAborts(): boolean {
    return this.#breakerFor === undefined;
  }

  /** Whether the breaker for an origin may have a timeout, which ends a call before its work. @internal */
  endsCalls(origin: string, breaker: CircuitBreaker): boolean {
    const { timeout = this.#defaults.timeout } = this.#options[origin] ?? {};
    const isOwn = this.registry.get(origin.slice(-MAX_NAME_LENGTH)) !== breaker;
    return isOwn || !(timeout === false || timeout === 0);
  }
}

/** Error of a call whose caller has aborted, for a client that gives its calls no signal. */
export class CallerAbort extends Error {}

/** Returns options whose classification ignores a {@link CallerAbort}. */
function ignoringAborts(options: OriginBreakerOptions): OriginBreakerOptions {
  const { classify } = options;
  if (classify === undefined) return options;
  const isAbort = (outcome: Outcome) => 'error' in outcome && outcome.error instanceof CallerAbort;
  return { ...options, classify: (outcome) => (isAbort(outcome) ? 'ignore' : classify(outcome)) };
}

/** Counts a failure after the call itself has counted as a success, because the body of the response broke. */
export function countFailure(breaker: CircuitBreaker, error: unknown): void {
  breaker.tryExecute(() => Promise.reject(error)).catch(() => {});
}

/** Longest name of a breaker. A host may have 253 characters; its end is kept, because it identifies the host best. */
const MAX_NAME_LENGTH = 200;

/**
 * Returns breakers by origin for a client of your own. `protectedFetch`, `@fusewire/undici` and `@fusewire/axios` use them too.
 *
 * @throws {OptionsError} with everything that is wrong with the options.
 */
export function originBreakers(options: OriginOptions = {}): OriginBreakers {
  const reader = readOptions('Client', 'origins', options);
  const create = readOrigins(reader);
  reader.finish();
  return create();
}

/**
 * Reads the options of breakers by origin from a reader that also has others.
 *
 * @param defaults default options of every breaker.
 * @returns a function that creates the breakers. Call it after `reader.finish()`.
 */
export function readOrigins(reader: OptionsReader, defaults: OriginBreakerOptions = {}): () => OriginBreakers {
  const settings = readClassification(reader);
  const classify = classifierOf(settings);
  const shared = readBreaker(reader, 'breaker', { ...defaults, classify }, reader.value('breaker') ?? {});
  const given = reader.value('origins') ?? {};
  const origins = typeof given === 'object' ? given : {};
  if (origins !== given) reader.report('origins', 'type', 'an object with origins for its keys');
  for (const [origin, options] of Object.entries(origins)) {
    if (originOf(origin) !== origin) {
      reader.report(`origins.${origin}`, 'range', "keyed by an origin, such as 'https://api.example.org'");
    }
    readBreaker(reader, `origins.${origin}`, shared, options);
  }
  const breakerFor = reader.callable('breakerFor') as OriginOptions['breakerFor'];
  const [max, idle] = [reader.value('max'), reader.value('idle')] as (number | undefined)[];
  let registry: BreakerRegistry | undefined;
  reportProblemsOf(reader, '', () => (registry = new BreakerRegistry({ defaults: ignoringAborts(shared), max, idle })));
  return () =>
    new OriginBreakers(registry as BreakerRegistry, classify, settings.now, shared, { ...origins }, breakerFor);
}

/**
 * Reads the options of a breaker and adds the defaults. Returns the defaults alone if the options are invalid. A breaker is
 * constructed from them to find the problems.
 */
function readBreaker(
  reader: OptionsReader,
  option: string,
  defaults: OriginBreakerOptions,
  input: unknown,
): OriginBreakerOptions {
  let valid = defaults;
  reportProblemsOf(reader, `${option}.`, () => {
    const options = withDefaults(requireObject(input), defaults);
    new CircuitBreaker(options).dispose();
    valid = options;
  });
  return valid;
}

/** Returns options with defaults. The `isFailure` of the options judges every value, before the `classify` of the defaults. */
function withDefaults(options: OriginBreakerOptions, defaults: OriginBreakerOptions): OriginBreakerOptions {
  const { classify } = defaults;
  if (classify === undefined || options.isFailure === undefined) return { ...defaults, ...options };
  const ofErrors = (outcome: Outcome) => ('error' in outcome ? classify(outcome) : undefined);
  return { ...defaults, classify: ofErrors, ...options };
}

/** Calls a constructor, and reports the problems with its options to the reader, with a prefix before each option. */
export function reportProblemsOf(reader: OptionsReader, prefix: string, construct: () => void): void {
  try {
    construct();
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    reader.add(error.problems.map((problem) => ({ ...problem, option: `${prefix}${problem.option}` })));
  }
}

/** Returns options that are an object, and throws a `OptionsError` for anything else. */
function requireObject(input: unknown): OriginBreakerOptions {
  readOptions('Client', 'options', input);
  return input as OriginBreakerOptions;
}

function originOf(text: string): string | undefined {
  return URL.canParse(text) ? new URL(text).origin : undefined;
}
