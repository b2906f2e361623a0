import { readOptions } from 'fusewire';
import type { CircuitBreakerOptions, OptionsReader } from 'fusewire';
import type { Logger } from '../logger.ts';
import { readLogger } from '../logger.ts';
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

/** An external service of the document. */
export type ExternalService = keyof typeof SERVICES;

type Strategies = { readonly [Service in ExternalService]?: readonly (FallbackStrategy | StandingStrategy)[] };

/** What the document calls "rate limit aware". */
const RATE_LIMITED: ReadonlySet<ExternalService> = new Set(['linkedin']);

/** How the services are called. */
export interface ExternalServiceManagerOptions {
  /** What answers for a service in place of calls that fail. Default: nothing. */
  fallbackStrategies?: Strategies | undefined;
  /** Where the program runs. Default: the numbers of each service. */
  environment?: Environment | undefined;
  /** Where state changes are written; false for nowhere. Default `console`. */
  logger?: Logger | false | undefined;
}

/** The breakers of Unipile, ReachInbox, LinkedIn and Apollo. A 429 of LinkedIn that says for how long opens its circuit for so long. */
export class ExternalServiceManager {
  readonly unipile: CircuitBreaker;
  readonly reachinbox: CircuitBreaker;
  readonly linkedin: CircuitBreaker;
  readonly apollo: CircuitBreaker;

  /** @throws {BreakerOptionsError} with everything that is wrong with the options. */
  constructor(options: ExternalServiceManagerOptions = {}) {
    const reader = readOptions('External services', 'campaign', options);
    const strategies = readStrategies(reader);
    const environment = reader.oneOf('environment', ['development', 'staging', 'production']);
    const logger = readLogger(reader, ['info', 'warn']);
    reader.finish();
    const make = (service: ExternalService) => {
      const config = environment === undefined ? SERVICES[service] : configFor(environment, SERVICES[service]);
      const classify: CircuitBreakerOptions['classify'] = RATE_LIMITED.has(service) ? classifyRateLimit : undefined;
      return new CircuitBreaker(service, config, { fallbackStrategies: strategies[service], classify, logger });
    };
    this.unipile = make('unipile');
    this.reachinbox = make('reachinbox');
    this.linkedin = make('linkedin');
    this.apollo = make('apollo');
  }

  /** Calls a service through its breaker. Rejects with a `RangeError` if there is no such service. */
  async execute<T>(
    service: ExternalService,
    operation: () => T | PromiseLike<T>,
    call?: CallDescription,
  ): Promise<Awaited<T>> {
    if (typeof service !== 'string' || !Object.hasOwn(SERVICES, service)) {
      const known = Object.keys(SERVICES).join(', ');
      throw new RangeError(`External services: service must be one of ${known}, got ${JSON.stringify(service)}`);
    }
    return this[service].execute(operation, call);
  }

  /** Every breaker. */
  getAll(): CircuitBreaker[] {
    return [this.unipile, this.reachinbox, this.linkedin, this.apollo];
  }
}

function readStrategies(reader: OptionsReader): Strategies {
  const given = reader.value('fallbackStrategies') ?? {};
  if (Object.prototype.toString.call(given) !== '[object Object]') {
    reader.report('fallbackStrategies', 'type', 'an object with strategies by service');
  } else {
    for (const service of Object.keys(given)) {
      if (!Object.hasOwn(SERVICES, service)) reader.report(`fallbackStrategies.${service}`, 'unknown', '');
    }
  }
  return given;
}
