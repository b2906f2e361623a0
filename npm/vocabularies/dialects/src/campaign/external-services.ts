import { readOptions } from 'fusewire';
import type { CircuitBreakerOptions, OptionsReader } from 'fusewire';
import type { Logger } from '../logger.ts';
import { readLogger } from '../logger.ts';
import { shownWord } from '../translation.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import type { CallDescription } from './circuit-breaker.ts';
import { CircuitBreakerConfigs, configFor } from './configs.ts';
import type { Environment } from './configs.ts';
import type { FallbackStrategy, StandingStrategy } from './fallback-strategy.ts';
import { classifyRateLimit } from './rate-limits.ts';

const SERVICES = {
  unipile: CircuitBreakerConfigs.UNIPILE,
  reachinbox: CircuitBreakerConfigs.REACHINBOX,
  linkedin: CircuitBreakerConfigs.LINKEDIN,
  apollo: CircuitBreakerConfigs.APOLLO,
} as const;

/** Name of an external service of the document. */
export type ExternalService = keyof typeof SERVICES;

type Strategies = { readonly [Service in ExternalService]?: readonly (FallbackStrategy | StandingStrategy)[] };

/** Services that the document calls "rate limit aware". */
const RATE_LIMITED: ReadonlySet<ExternalService> = new Set(['linkedin']);

/** Options of the external services. */
export interface ExternalServiceManagerOptions {
  /** Strategies that answer for failed calls, by service. Default: none. */
  fallbackStrategies?: Strategies | undefined;
  /** Environment whose numbers replace those of each service. Default: none. */
  environment?: Environment | undefined;
  /** Logger of state changes; false for none. Default `console`. */
  logger?: Logger | false | undefined;
}

/**
 * Breakers of Unipile, ReachInbox, LinkedIn and Apollo. A 429 of LinkedIn with `Retry-After` opens its circuit for
 * that time.
 */
export class ExternalServiceManager {
  readonly unipile: CircuitBreaker;
  readonly reachinbox: CircuitBreaker;
  readonly linkedin: CircuitBreaker;
  readonly apollo: CircuitBreaker;

  /** @throws {OptionsError} with every invalid option. */
  constructor(options: ExternalServiceManagerOptions = {}) {
    const reader = readOptions('External services', 'campaign', options);
    const strategies = readStrategies(reader);
    const environment = reader.oneOf('environment', ['development', 'staging', 'production']);
    const logger = readLogger(reader, ['info', 'warn']);
    reader.finish();
    const create = (service: ExternalService) => {
      const config = environment === undefined ? SERVICES[service] : configFor(environment, SERVICES[service]);
      const classify: CircuitBreakerOptions['classify'] = RATE_LIMITED.has(service) ? classifyRateLimit : undefined;
      return new CircuitBreaker(service, config, { fallbackStrategies: strategies[service], classify, logger });
    };
    this.unipile = create('unipile');
    this.reachinbox = create('reachinbox');
    this.linkedin = create('linkedin');
    this.apollo = create('apollo');
  }

  /** Runs an operation through the breaker of a service. Rejects with a `RangeError` for an unknown service. */
  async execute<T>(
    service: ExternalService,
    operation: () => T | PromiseLike<T>,
    call?: CallDescription,
  ): Promise<Awaited<T>> {
    if (typeof service !== 'string' || !Object.hasOwn(SERVICES, service)) {
      const known = Object.keys(SERVICES).join(', ');
      throw new RangeError(`External services: service must be one of ${known}, got ${shownWord(service)}`);
    }
    return this[service].execute(operation, call);
  }

  /** Returns all breakers. */
  getAll(): CircuitBreaker[] {
    return [this.unipile, this.reachinbox, this.linkedin, this.apollo];
  }
}

function readStrategies(reader: OptionsReader): Strategies {
  const strategies = reader.value('fallbackStrategies') ?? {};
  if (Object.prototype.toString.call(strategies) !== '[object Object]') {
    reader.report('fallbackStrategies', 'type', 'an object with strategies by service');
  } else {
    for (const service of Object.keys(strategies)) {
      if (!Object.hasOwn(SERVICES, service)) reader.report(`fallbackStrategies.${service}`, 'unknown', '');
    }
  }
  return strategies;
}
