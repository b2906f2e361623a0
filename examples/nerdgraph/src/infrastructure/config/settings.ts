import { env } from '@fusewire/profiles/env';

/** Variables of the environment, as `process.env` has them. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** Reads the variables of the program. Throws one error with every problem, and without a secret. */
export function readSettings(variables: Variables) {
  const milliseconds = (standard: number) => env.integer({ default: standard, minimum: 1, maximum: 3_600_000 });
  return env.read(
    variables,
    {
      NEW_RELIC_ACCOUNT_ID: env.integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
      /** User key, for NerdGraph. */
      NEW_RELIC_API_KEY: env.secret(),
      /** License key, for the Event API. */
      NEW_RELIC_INGEST_KEY: env.secret(),
      NERDGRAPH_URL: env.url({ default: 'https://api.newrelic.com/graphql' }),
      EVENT_API_URL: env.url({ default: 'https://insights-collector.newrelic.com' }),
      /** SQLite file of the batches that wait. */
      DATABASE: env.text({ default: 'nerdgraph.db' }),
      BATCH_SIZE: env.integer({ default: 500, minimum: 1, maximum: 2_000 }),
      /** Milliseconds between two reports of the circuit breakers. */
      REPORT_INTERVAL: milliseconds(60_000),
      NERDGRAPH_TIMEOUT: milliseconds(30_000),
      NERDGRAPH_RETRY_DELAY: milliseconds(5_000),
      EVENT_API_TIMEOUT: milliseconds(20_000),
      EVENT_API_RETRY_DELAY: milliseconds(10_000),
    },
    { title: 'NerdGraph' },
  );
}

/** Settings that {@link readSettings} returns. */
export type Settings = ReturnType<typeof readSettings>;
