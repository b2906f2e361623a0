import { env } from '@fusewire/profiles/env';
import { CircuitBreakerConfigs, configFor } from './circuit-breaker.ts';
import type { CircuitBreakerConfig } from './circuit-breaker.ts';

/** Settings of the program. */
export type Settings = ReturnType<typeof readSettings>;

const optional = { required: false } as const;

/** Reads the variables of the program. Throws one error with every problem, before the server answers a request. */
export function readSettings(variables: Readonly<Record<string, string | undefined>>) {
  const values = env.read(
    variables,
    {
      CAMPAIGN_ENV: env.oneOf(['development', 'staging', 'production'], { default: 'production' }),
      ADMIN_TOKEN: env.secret({ minimumLength: 8 }),
      // Without DATABASE_URL, the database is embedded: in this folder, or in memory if it is empty.
      DATABASE_URL: env.secret(optional),
      DATABASE_FOLDER: env.text({ default: '.data/database' }),
      // Poolers such as PgBouncer in transaction mode know no prepared statements.
      DATABASE_PREPARED: env.boolean({ default: true }),
      DATABASE_CONNECTIONS: env.integer({ default: 10, minimum: 1 }),
      SPOOL: env.text({ default: '.data/spool.db' }),
      REDIS_URL: env.secret(optional),
      N8N_INSTANCE_URL: env.url(),
      N8N_SECOND_REGION_URL: env.url(optional),
      N8N_API_KEY: env.secret(),
      UNIPILE_URL: env.url(),
      REACHINBOX_URL: env.url(),
      LINKEDIN_URL: env.url(),
      APOLLO_URL: env.url(),
      LEADS_URL: env.url(),
      PAGERDUTY_KEY: env.secret(optional),
      PAGERDUTY_URL: env.url({ default: 'https://events.pagerduty.com/v2/enqueue' }),
      CAMPAIGNS_PER_SECOND: env.integer({ default: 2_000, minimum: 1 }),
      // Override the numbers of every breaker.
      BREAKER_FAILURE_THRESHOLD: env.integer({ ...optional, minimum: 1 }),
      BREAKER_TIMEOUT: env.integer({ ...optional, minimum: 1 }),
      BREAKER_RESET_TIMEOUT: env.integer({ ...optional, minimum: 1 }),
    },
    { title: 'Campaign' },
  );
  return { ...values, breakers: breakerConfigs(values.CAMPAIGN_ENV, overridesOf(values)) };
}

/** Returns the overrides among the variables. */
function overridesOf(values: {
  readonly BREAKER_FAILURE_THRESHOLD: number | undefined;
  readonly BREAKER_TIMEOUT: number | undefined;
  readonly BREAKER_RESET_TIMEOUT: number | undefined;
}): CircuitBreakerConfig {
  const overrides: Record<string, number | undefined> = {
    failureThreshold: values.BREAKER_FAILURE_THRESHOLD,
    timeout: values.BREAKER_TIMEOUT,
    resetTimeout: values.BREAKER_RESET_TIMEOUT,
  };
  return Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined));
}

/**
 * Returns the configuration of each breaker. In production each has the numbers of the document for its service; in the other
 * environments, all have those of the environment.
 */
function breakerConfigs(environment: 'development' | 'staging' | 'production', overrides: CircuitBreakerConfig) {
  const of = (config: CircuitBreakerConfig): CircuitBreakerConfig => ({
    ...(environment === 'production' ? config : configFor(environment, config)),
    ...overrides,
  });
  return {
    database: of(CircuitBreakerConfigs.DATABASE),
    n8n: of(CircuitBreakerConfigs.N8N_API),
    services: {
      unipile: of(CircuitBreakerConfigs.UNIPILE),
      reachinbox: of(CircuitBreakerConfigs.REACHINBOX),
      linkedin: of(CircuitBreakerConfigs.LINKEDIN),
      apollo: of(CircuitBreakerConfigs.APOLLO),
    },
    leads: of(CircuitBreakerConfigs.EXTERNAL_API),
  };
}
