import type { EngineOptions } from 'fusewire';

/** Rule of most presets: five failures in a row open the circuit, and so does half of at least 20 calls. */
const RULE = { consecutiveFailureThreshold: 5, failureRateThreshold: 0.5, minimumCalls: 20 } as const;

/** Options of a breaker for common kinds of dependencies. All times are in milliseconds. */
export const presets = {
  /** API of another company, over the internet. */
  http: { ...RULE, timeout: 10_000, resetTimeout: { initial: 30_000, jitter: 0.2 } },

  /** Database or cache: queries are short, and it comes back after seconds. Three probes may run at once. */
  database: {
    ...RULE,
    timeout: 5_000,
    resetTimeout: { initial: 10_000, jitter: 0.2 },
    maxConcurrentRequests: 3,
    successThreshold: 3,
  },

  /** Payments and other calls that cost money: opens sooner, waits longer, and gives one call the time that it needs. */
  payment: {
    consecutiveFailureThreshold: 3,
    failureRateThreshold: 0.5,
    minimumCalls: 10,
    timeout: 30_000,
    resetTimeout: { initial: 60_000, jitter: 0.2 },
  },

  /** Service of your own in the same network. */
  internal: { ...RULE, timeout: 2_000, resetTimeout: { initial: 5_000, jitter: 0.2 } },
} as const satisfies Readonly<Record<string, EngineOptions>>;

/** Name of one of the {@link presets}. */
export type PresetName = keyof typeof presets;
