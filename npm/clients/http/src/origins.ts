import { BreakerRegistry, CircuitBreaker, isBreakerOptionsError, readOptions } from 'fusewire';
import type { CircuitBreakerOptions, KeyedOptions, OptionsReader } from 'fusewire';
import { presetOf, readPreset } from './preset.ts';
import type { Preset, PresetOptions } from './preset.ts';
import type { Now } from './findings.ts';

/** Options of a breaker for an origin, which is its name. */
export type OriginBreakerOptions = Omit<CircuitBreakerOptions, 'name'>;

/** Which breaker a request goes through. */
export interface OriginOptions extends PresetOptions {
  /** Names the client in errors about its options. */
  readonly name?: string | undefined;
  /** Options of every breaker. Default: those of the preset {@link http}, and fusewire's. */
  readonly breaker?: OriginBreakerOptions | undefined;
  /** Further options of the breakers for some origins, such as `'https://api.example.org'`. */
  readonly origins?: Readonly<Record<string, OriginBreakerOptions>> | undefined;
  /** A breaker of your own for a request; where it answers nothing, that of the origin is taken. */
  readonly breakerFor?: ((url: URL) => CircuitBreaker | undefined) | undefined;
  /** How many origins have a breaker at once, and for how long one that nobody asks for. Default: 1 000, and 600 000 ms. */
  readonly keyed?: KeyedOptions | undefined;
}

/** One breaker for each origin: bounded in number, made when it is first asked for. */
export class OriginBreakers {
  /** Where the breakers are, by their origin. */
  readonly registry: BreakerRegistry;
  /** What errors mean to them. */
  readonly preset: Preset;
  /** The wall clock. */
  readonly now: Now;
  readonly #options: Readonly<Record<string, OriginBreakerOptions>>;
  readonly #breakerFor: OriginOptions['breakerFor'];

  /** @internal */
  constructor(
    registry: BreakerRegistry,
    preset: Preset,
    now: Now,
    options: Readonly<Record<string, OriginBreakerOptions>>,
    breakerFor: OriginOptions['breakerFor'],
  ) {
    this.registry = registry;
    this.preset = preset;
    this.now = now;
    this.#options = options;
    this.#breakerFor = breakerFor;
  }

  /**
   * The breaker for a request. Ask for it again for each one.
   *
   * @throws {TypeError} if it is no URL, and what `breakerFor` throws.
   */
  for(url: URL | string): CircuitBreaker {
    const target = typeof url === 'string' ? new URL(url) : url;
    const own = this.#breakerFor?.(target);
    if (own !== undefined) return own;
    const { origin } = target;
    return this.registry.for(origin.slice(-LONGEST_NAME), this.#options[origin]);
  }
}

/** Counts a failure that came after its call had counted as a success: the body of a response broke off. */
export function countFailure(breaker: CircuitBreaker, error: unknown): void {
  breaker.tryExecute(() => Promise.reject(error)).catch(() => {});
}

/** A host may have 253 characters, of which the last tell most. */
const LONGEST_NAME = 200;

/**
 * Breakers by origin, for a client of your own: what `protectedFetch`, `@fusewire/undici` and `@fusewire/axios` share.
 *
 * @throws {BreakerOptionsError} with everything that is wrong with the options.
 */
export function originBreakers(options: OriginOptions = {}): OriginBreakers {
  const reader = readOptions('Client', 'origins', options);
  const read = readOrigins(reader);
  reader.finish();
  return read();
}

/**
 * Reads the options of breakers by origin among others.
 *
 * @param defaults options of every breaker, unless others are given.
 * @returns makes them, once the reader has found nothing wrong.
 */
export function readOrigins(reader: OptionsReader, defaults: OriginBreakerOptions = {}): () => OriginBreakers {
  const settings = readPreset(reader);
  const preset = presetOf(settings);
  const usual = { ...defaults, ...preset.breaker };
  const given = reader.value('breaker') ?? {};
  const all = checked(reader, 'breaker', usual, given);
  const origins = reader.value('origins') ?? {};
  if (typeof origins !== 'object') reader.report('origins', 'type', 'an object with origins for its keys');
  for (const [origin, options] of Object.entries(origins)) {
    if (originOf(origin) !== origin) {
      reader.report(`origins.${origin}`, 'range', "keyed by an origin, such as 'https://api.example.org'");
    }
    checked(reader, `origins.${origin}`, all, options);
  }
  const breakerFor = reader.callable('breakerFor') as OriginOptions['breakerFor'];
  const keyed = reader.value('keyed') as KeyedOptions | undefined;
  let registry: BreakerRegistry | undefined;
  adopting(reader, '', () => (registry = new BreakerRegistry({ defaults: all, keyed })));
  return () => new OriginBreakers(registry as BreakerRegistry, preset, settings.now, { ...origins }, breakerFor);
}

/** The usual options with others, after a breaker was made with them to see whether they are sound; the usual ones otherwise. */
function checked(
  reader: OptionsReader,
  option: string,
  usual: OriginBreakerOptions,
  given: unknown,
): OriginBreakerOptions {
  let sound = usual;
  adopting(reader, `${option}.`, () => {
    const options = { ...usual, ...plain(given) };
    new CircuitBreaker(options).dispose();
    sound = options;
  });
  return sound;
}

/** Takes over what is found wrong with the options of a part. */
export function adopting(reader: OptionsReader, prefix: string, make: () => void): void {
  try {
    make();
  } catch (error) {
    if (!isBreakerOptionsError(error)) throw error;
    reader.add(error.problems.map((problem) => ({ ...problem, option: `${prefix}${problem.option}` })));
  }
}

/** What is no object is told as options are. */
function plain(given: unknown): OriginBreakerOptions {
  readOptions('Client', 'options', given);
  return given as OriginBreakerOptions;
}

function originOf(text: string): string | undefined {
  return URL.canParse(text) ? new URL(text).origin : undefined;
}
