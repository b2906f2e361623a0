import { readOptions } from 'fusewire';
import { CircuitBreaker } from './circuit-breaker.ts';
import type { CallDescription, Logger } from './circuit-breaker.ts';
import { CircuitBreakerConfigs, configFor } from './configs.ts';
import type { Environment } from './configs.ts';
import type { FallbackStrategy, StandingStrategy } from './fallback-strategy.ts';

const SERVICES = {
  unipile: CircuitBreakerConfigs.UNIPILE,
  reachinbox: CircuitBreakerConfigs.REACHINBOX,
  linkedin: CircuitBreakerConfigs.LINKEDIN,
  apollo: CircuitBreakerConfigs.APOLLO,
} as const;

/** An external service of the document. */
export type ExternalService = keyof typeof SERVICES;

/** How the services are called. */
export interface ExternalServiceManagerOptions {
  /** What answers for a service in place of calls that fail. Default: nothing. */
  fallbackStrategies?:
    { readonly [Service in ExternalService]?: readonly (FallbackStrategy | StandingStrategy)[] } | undefined;
  /** Where the program runs. Default: the numbers of each service. */
  environment?: Environment | undefined;
  /** Where state changes are written; false for nowhere. Default `console`. */
  logger?: Logger | false | undefined;
}

/** The breakers of Unipile, ReachInbox, LinkedIn and Apollo. */
export class ExternalServiceManager {
  readonly unipile: CircuitBreaker;
  readonly reachinbox: CircuitBreaker;
  readonly linkedin: CircuitBreaker;
  readonly apollo: CircuitBreaker;

  /** @throws {BreakerOptionsError} with everything that is wrong with the options. */
  constructor(options: ExternalServiceManagerOptions = {}) {
    const reader = readOptions('External services', 'campaign', options);
    const given = reader.value('fallbackStrategies');
    if (given !== undefined && (typeof given !== 'object' || given === null)) {
      reader.report('fallbackStrategies', 'type', 'an object with strategies by service');
    }
    const environment = reader.oneOf('environment', ['development', 'staging', 'production']);
    const logger = reader.value('logger') as Logger | false | undefined;
    reader.finish();
    const strategies = (given ?? {}) as NonNullable<ExternalServiceManagerOptions['fallbackStrategies']>;
    const make = (service: ExternalService) => {
      const config = environment === undefined ? SERVICES[service] : configFor(environment, SERVICES[service]);
      return new CircuitBreaker(service, config, { fallbackStrategies: strategies[service], logger });
    };
    this.unipile = make('unipile');
    this.reachinbox = make('reachinbox');
    this.linkedin = make('linkedin');
    this.apollo = make('apollo');
  }

  /** Calls a service through its breaker. */
  execute<T>(
    service: ExternalService,
    operation: () => T | PromiseLike<T>,
    call?: CallDescription,
  ): Promise<Awaited<T>> {
    return this[service].execute(operation, call);
  }

  /** Every breaker. */
  getAll(): CircuitBreaker[] {
    return [this.unipile, this.reachinbox, this.linkedin, this.apollo];
  }
}
