import { defineBreakers } from '@fusewire/profiles';
import type { CircuitBreaker as Engine } from 'fusewire';
import type { OptionsReader } from 'fusewire/kit';
import { classifyWith } from './circuit-breaker.ts';
import type { CircuitBreakerOptions, EngineFactory } from './circuit-breaker.ts';
import type { Reporting } from './reporting.ts';

/** Options of the ready-made breakers. Each overrides those above it; variables override all. */
export interface ReadyMadeOptions {
  /** Options by service, over the numbers of the document: `{ sms: { timeout: 8_000 } }`. Default: none. */
  breakers?: Readonly<Record<string, CircuitBreakerOptions>> | undefined;
  /** Options of every service by environment: `{ development: { timeout: 2_000 } }`. Default: none. */
  environments?: Readonly<Record<string, CircuitBreakerOptions>> | undefined;
  /** Name of the environment. Default: `NODE_ENV`. */
  environment?: string | undefined;
  /** Variables such as `BREAKER_MPESA_TIMEOUT`. Default: those of the process. False: none. */
  variables?: Readonly<Record<string, string | undefined>> | false | undefined;
  /** Whether a variable `BREAKER_…` that belongs to no service is an error. Default `'ignore'`. */
  unknownVariables?: 'refuse' | 'ignore' | undefined;
}

type Options = { -readonly [Each in keyof ReadyMadeOptions]: ReadyMadeOptions[Each] };

/** Options of the ready-made breakers, which create their engines with the first use. */
export class ReadyMade {
  readonly #numbers = new Map<string, CircuitBreakerOptions>();
  readonly #reporting: Reporting;
  #options: Options = {};

  constructor(reporting: Reporting) {
    this.#reporting = reporting;
  }

  /** Adds a service with the numbers of the document. Returns the function that creates its engine. */
  add(service: string, numbers: CircuitBreakerOptions): EngineFactory {
    this.#numbers.set(service, numbers);
    return (name) => this.#define([name], { ...this.#options, unknownVariables: 'ignore' })[name] as Engine;
  }

  /**
   * Reads the options. Returns a function that sets them, or undefined if there are none.
   *
   * @throws {ConfigurationError} with every invalid option and variable, from the function.
   */
  read(reader: OptionsReader): (() => void) | undefined {
    const given: Options = {};
    const take = <Key extends keyof Options>(key: Key) => {
      const value = reader.value(key);
      if (value !== undefined) given[key] = value as Options[Key];
    };
    const keys = ['breakers', 'environment', 'environments', 'variables', 'unknownVariables'] as const;
    for (const key of keys) take(key);
    for (const service of Object.keys(given.breakers ?? {})) {
      if (!this.#numbers.has(service)) reader.report('breakers', 'range', `options of ${this.#services().join(', ')}`);
    }
    if (Object.keys(given).length === 0) return undefined;
    return () => {
      const options = { ...this.#options, ...given };
      // Creates every breaker once, so that the errors come now.
      this.#define(this.#services(), options).dispose();
      this.#options = options;
    };
  }

  #services(): string[] {
    return [...this.#numbers.keys()];
  }

  #define(services: readonly string[], { breakers = {}, ...options }: Options) {
    const definitions = services.map((service) => {
      const own = { ...this.#numbers.get(service), ...breakers[service] };
      return [service, { ...own, classify: classifyWith(own.classify), logger: this.#reporting.faultLogger }];
    });
    return defineBreakers(Object.fromEntries(definitions) as Record<string, CircuitBreakerOptions>, {
      unknownVariables: 'ignore',
      ...options,
    });
  }
}
