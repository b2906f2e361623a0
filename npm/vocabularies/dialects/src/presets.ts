import type { EngineOptions } from 'fusewire';

/**
 * Options of a breaker with the numbers of the four backends' documents. An option that a document leaves out keeps fusewire's
 * default. All times are in milliseconds.
 *
 * `timeout` limits one call, and `resetTimeout` is the open time, even if the document uses other names.
 */
export const presets = {
  /**
   * campaign.md, "Core Circuit Breaker Library": the database. The window is the default, 60 000 ms, in
   * which the document counts its 5 failures.
   */
  DATABASE: {
    failureThreshold: 5,
    successThreshold: 3,
    timeout: 10_000,
    resetTimeout: 30_000,
    maxConcurrentRequests: 3,
  },

  /** campaign.md, "Core Circuit Breaker Library": the n8n API. The window is the default, 60 000 ms. */
  N8N_API: {
    failureThreshold: 5,
    successThreshold: 3,
    timeout: 15_000,
    resetTimeout: 30_000,
    maxConcurrentRequests: 2,
  },

  /** campaign.md, "Core Circuit Breaker Library": any other service. The window is the default, 60 000 ms. */
  EXTERNAL_API: {
    failureThreshold: 3,
    successThreshold: 2,
    timeout: 10_000,
    resetTimeout: 30_000,
    maxConcurrentRequests: 2,
  },

  /**
   * campaign.md, "Service-Specific Configurations": Unipile, messaging and contacts. Left out, so by default: 2 successes
   * close the circuit, 1 probe at a time, a window of 60 000 ms.
   */
  UNIPILE: { failureThreshold: 3, timeout: 15_000, resetTimeout: 30_000 },

  /** campaign.md, "Service-Specific Configurations": ReachInbox, e-mail. Left out as for {@link presets.UNIPILE}. */
  REACHINBOX: { failureThreshold: 3, timeout: 10_000, resetTimeout: 30_000 },

  /**
   * campaign.md, "Service-Specific Configurations": LinkedIn. Its open time is longer because of its rate limits.
   * Left out as for {@link presets.UNIPILE}.
   */
  LINKEDIN: { failureThreshold: 3, timeout: 12_000, resetTimeout: 45_000 },

  /** campaign.md, "Service-Specific Configurations": Apollo, leads. Left out as for {@link presets.UNIPILE}. */
  APOLLO: { failureThreshold: 4, timeout: 8_000, resetTimeout: 30_000 },

  /**
   * haven.md, "Circuit Breaker Configuration": M-Pesa, payments. Left out, so by default: 2 successes close the circuit,
   * 1 probe at a time, a window of 60 000 ms.
   */
  MPESA: { failureThreshold: 3, timeout: 30_000, resetTimeout: 120_000 },

  /** haven.md, "Circuit Breaker Configuration": Pesapal, cards. Left out as for {@link presets.MPESA}. */
  PESAPAL: { failureThreshold: 3, timeout: 30_000, resetTimeout: 120_000 },

  /** haven.md, "Circuit Breaker Configuration": KCB Buni, banking. Left out as for {@link presets.MPESA}. */
  KCB: { failureThreshold: 3, timeout: 30_000, resetTimeout: 120_000 },

  /** haven.md, "Circuit Breaker Configuration": e-mail over SMTP. Left out as for {@link presets.MPESA}. */
  EMAIL: { failureThreshold: 5, timeout: 15_000, resetTimeout: 60_000 },

  /** haven.md, "Circuit Breaker Configuration": SMS. Left out as for {@link presets.MPESA}. */
  SMS: { failureThreshold: 5, timeout: 10_000, resetTimeout: 60_000 },

  /** haven.md, "Circuit Breaker Configuration": WhatsApp. Left out as for {@link presets.MPESA}. */
  WHATSAPP: { failureThreshold: 5, timeout: 15_000, resetTimeout: 60_000 },

  /**
   * nerdgraph-v2.md, "Step 3": the NerdGraph API. Its `retryDelay` is the open time, its `monitoringWindow` the window. Left
   * out, so by default: 1 probe at a time.
   */
  NERDGRAPH_API: {
    failureThreshold: 5,
    successThreshold: 2,
    timeout: 30_000,
    resetTimeout: 5_000,
    monitoringWindow: 60_000,
  },

  /** nerdgraph-v2.md, "Step 4": the Event API. Its names mean the same as in {@link presets.NERDGRAPH_API}. */
  EVENT_API: {
    failureThreshold: 3,
    successThreshold: 2,
    timeout: 20_000,
    resetTimeout: 10_000,
    monitoringWindow: 60_000,
  },

  /**
   * conexxus-completion-report.md, "Configuration": Conexxus. Its `timeout` is the open time and its `monitoringPeriod` the
   * window. The document limits each attempt of its HTTP client to 30 000 ms, but not the whole call. The default `timeout`
   * of 30 000 ms would end a call that the client retries. Set `timeout: false` if the client retries inside the breaker.
   */
  CONEXXUS: {
    failureThreshold: 5,
    successThreshold: 2,
    resetTimeout: 60_000,
    monitoringWindow: 60_000,
  },
} as const satisfies Readonly<Record<string, EngineOptions>>;

/** Name of one of the {@link presets}. */
export type PresetName = keyof typeof presets;

/**
 * Options by environment of campaign.md, "Environment-Specific Settings". They override the options of every breaker: a
 * `timeout` of 30 000 ms becomes 10 000 ms in production. Pass other `environments` to avoid that.
 */
export const environments = {
  /** Opens after few failures, and probes soon. */
  development: { failureThreshold: 3, timeout: 5_000, resetTimeout: 15_000 },
  /** Values between those of development and production. */
  staging: { failureThreshold: 4, timeout: 8_000, resetTimeout: 20_000 },
  /** Values of the preset `DATABASE`. */
  production: { failureThreshold: 5, timeout: 10_000, resetTimeout: 30_000 },
} as const satisfies Readonly<Record<string, EngineOptions>>;
