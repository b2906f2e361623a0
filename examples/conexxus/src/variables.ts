import { env } from '@fusewire/profiles/env';

/** Token of the variables of the environment. */
export const VARIABLES = Symbol('variables');

/** Token of the variables of the API; null if the integration is off. */
export const API = Symbol('variables of the API');

/** Token of the {@link Settings}. */
export const SETTINGS = Symbol('settings');

/** Variables of the environment, as `process.env` has them. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** Token of the function that returns the time of day, in milliseconds since 1970. */
export const TIME_OF_DAY = Symbol('time of day');

/** Variables that change the numbers of the document. Those of the API are read by `readEnvironment` of the dialect. */
export function readSettings(variables: Variables) {
  return env.read(
    variables,
    {
      /** Milliseconds for which the circuit stays open. */
      CONEXXUS_OPEN_TIME: env.integer({ default: 60_000, minimum: 1, maximum: 86_400_000 }),
      /** Milliseconds in which failures count. */
      CONEXXUS_MONITORING_PERIOD: env.integer({ default: 60_000, minimum: 1, maximum: 86_400_000 }),
      /** Requests to the API at the same time. */
      CONEXXUS_CONNECTIONS: env.integer({ default: 10, minimum: 1, maximum: 1_000 }),
      /** Failures that open the circuit in the peak hours. */
      CONEXXUS_PEAK_FAILURES: env.integer({ default: 10, minimum: 1, maximum: 1_000 }),
      CONEXXUS_TIME_ZONE: env.text({ default: 'UTC' }),
    },
    { title: 'Conexxus' },
  );
}

/** Settings that {@link readSettings} returns. */
export type Settings = ReturnType<typeof readSettings>;
