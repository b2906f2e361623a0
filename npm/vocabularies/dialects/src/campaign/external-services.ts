import { readOptions } from 'fusewire/kit';
import type { CircuitBreakerOptions } from 'fusewire';
import type { OptionsReader } from 'fusewire/kit';
import type { Logger } from '../logger.ts';
import { readLogger } from '../logger.ts';
import { shownWord } from '../translation.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import type { AnyCircuitBreaker, CallDescription, Operation } from './circuit-breaker.ts';
import { CircuitBreakerConfigs, configFor } from './configs.ts';
import type { CircuitBreakerConfig, Environment } from './configs.ts';
import type { AnswerOf, AnyStrategy } from './fallback-strategy.ts';
import { classifyRateLimit } from './rate-limits.ts';

const SERVICES = {
  unipile: CircuitBreakerConfigs.UNIPILE,
  reachinbox: CircuitBreakerConfigs.REACHINBOX,
  linkedin: CircuitBreakerConfigs.LINKEDIN,
  apollo: CircuitBreakerConfigs.APOLLO,
} as const;

/** Name of an external service of the document. */
export type ExternalService = keyof typeof SERVICES;

/** Strategies of each service. */
export type ServiceStrategies = { readonly [Service in ExternalService]?: readonly AnyStrategy[] | undefined };

/** Strategies of one service. */
type StrategyOf<Strategies, Service extends ExternalService> =
  Strategies extends Readonly<Record<Service, readonly (infer Strategy extends AnyStrategy)[]>> ? Strategy : never;

/** Services that the document calls "rate limit aware". */
const RATE_LIMITED: ReadonlySet<ExternalService> = new Set(['linkedin']);

/** Options of the external services. */
export interface ExternalServiceManagerOptions<Strategies extends ServiceStrategies = ServiceStrategies> {
  /** Strategies that answer for failed calls, by service. Default: none. */
  fallbackStrategies?: Strategies | undefined;
  /** Environment whose numbers replace those of each service. Default: none. */
  environment?: Environment | undefined;
  /** Options by service, which replace those of the document and the environment. Default: none. */
  configs?: { readonly [Service in ExternalService]?: CircuitBreakerConfig | undefined } | undefined;
  /** Classifies the outcomes of all services, before the rules of each. Default: every error is a failure. */
  classify?: CircuitBreakerOptions['classify'];
  /** Logger of state changes; false for none. Default `console`. */
  logger?: Logger | false | undefined;
}

/**
 * Breakers of Unipile, ReachInbox, LinkedIn and Apollo. A 429 of LinkedIn with `Retry-After` opens its circuit for
 * that time.
 *
 * @typeParam Strategies types of the strategies, from which results have their types.
 */
export class ExternalServiceManager<const Strategies extends ServiceStrategies = Record<never, never>> {
  readonly unipile: CircuitBreaker<StrategyOf<Strategies, 'unipile'>>;
  readonly reachinbox: CircuitBreaker<StrategyOf<Strategies, 'reachinbox'>>;
  readonly linkedin: CircuitBreaker<StrategyOf<Strategies, 'linkedin'>>;
  readonly apollo: CircuitBreaker<StrategyOf<Strategies, 'apollo'>>;

  /** @throws {OptionsError} with every invalid option. */
  constructor(options: ExternalServiceManagerOptions<Strategies> = {}) {
    const reader = readOptions('External services', 'campaign', options);
    const strategies = readByService<readonly AnyStrategy[]>(reader, 'fallbackStrategies', 'strategies');
    const configs = readByService<CircuitBreakerConfig>(reader, 'configs', 'options');
    const environment = reader.oneOf('environment', ['development', 'staging', 'production']);
    const classify = reader.callable('classify') as CircuitBreakerOptions['classify'];
    const logger = readLogger(reader, ['info', 'warn']);
    reader.finish();
    const create = <Service extends ExternalService>(service: Service) => {
      const config = environment === undefined ? SERVICES[service] : configFor(environment, SERVICES[service]);
      return new CircuitBreaker<StrategyOf<Strategies, Service>>(
        service,
        { ...config, ...configs[service] },
        {
          fallbackStrategies: strategies[service] as StrategyOf<Strategies, Service>[] | undefined,
          classify: RATE_LIMITED.has(service)
            ? (outcome) => classify?.(outcome) ?? classifyRateLimit(outcome)
            : classify,
          logger,
        },
      );
    };
    this.unipile = create('unipile');
    this.reachinbox = create('reachinbox');
    this.linkedin = create('linkedin');
    this.apollo = create('apollo');
  }

  /** Runs an operation through the breaker of a service. Rejects with a `RangeError` for an unknown service. */
  async execute<T, Service extends ExternalService>(
    service: Service,
    operation: Operation<T>,
    call?: CallDescription,
  ): Promise<Awaited<T> | AnswerOf<StrategyOf<Strategies, Service>>> {
    if (typeof service !== 'string' || !Object.hasOwn(SERVICES, service)) {
      const known = Object.keys(SERVICES).join(', ');
      throw new RangeError(`External services: service must be one of ${known}, got ${shownWord(service)}`);
    }
    const breaker = this[service] as CircuitBreaker<StrategyOf<Strategies, Service>>;
    return breaker.execute(operation, call);
  }

  /** Returns all breakers. */
  getAll(): AnyCircuitBreaker[] {
    return [this.unipile, this.reachinbox, this.linkedin, this.apollo] as AnyCircuitBreaker[];
  }
}

/** Reads an option that is an object with a value for some services. */
function readByService<T>(
  reader: OptionsReader,
  option: string,
  values: string,
): { readonly [Service in ExternalService]?: T } {
  const given = reader.value(option) ?? {};
  if (Object.prototype.toString.call(given) !== '[object Object]') {
    reader.report(option, 'type', `an object with ${values} by service`);
  } else {
    for (const service of Object.keys(given)) {
      if (!Object.hasOwn(SERVICES, service)) reader.report(`${option}.${service}`, 'unknown', '');
    }
  }
  return given;
}
