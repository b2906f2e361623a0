import type { EngineOptions } from 'fusewire';

/**
 * The numbers of the four backends' documents, as options of a breaker. Each holds what its document says and no more: what
 * a document leaves out is fusewire's default, which the comment tells where it matters. Milliseconds throughout.
 *
 * `timeout` is how long one call may take and `resetTimeout` how long the circuit stays open, whatever the document calls
 * them.
 */
export const presets = {
  /**
   * campaign.md, "Core Circuit Breaker Library": the database. The window is the default, 60 000 ms, which is what the
   * document counts its 5 failures in.
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
   * campaign.md, "Service-Specific Configurations": LinkedIn, whose open time is longer for the sake of its rate limits.
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

  /** nerdgraph-v2.md, "Step 4": the Event API. Its words mean what those of {@link presets.NERDGRAPH_API} mean. */
  EVENT_API: {
    failureThreshold: 3,
    successThreshold: 2,
    timeout: 20_000,
    resetTimeout: 10_000,
    monitoringWindow: 60_000,
  },

  /**
   * conexxus-completion-report.md, "Configuration": Conexxus. Its `timeout` is the open time and its `monitoringPeriod` the
   * window. It has no limit for a call, only its HTTP client has one: 30 000 ms for each attempt. The default of 30 000 ms
   * for a whole call ends those that the client would have tried again; where the client retries inside the breaker,
   * `timeout: false` leaves it to the client.
   */
  CONEXXUS: {
    failureThreshold: 5,
    successThreshold: 2,
    resetTimeout: 60_000,
    monitoringWindow: 60_000,
  },
} as const satisfies Readonly<Record<string, EngineOptions>>;

/** The name of one of the {@link presets}. */
export type PresetName = keyof typeof presets;

/**
 * What changes by environment: campaign.md, "Environment-Specific Settings". They go over the options of every breaker, so
 * that a call which may take 30 000 ms may take 10 000 ms in production; leave out what should not.
 */
export const environments = {
  /** Opens early and tries again soon. */
  development: { failureThreshold: 3, timeout: 5_000, resetTimeout: 15_000 },
  /** Between the two. */
  staging: { failureThreshold: 4, timeout: 8_000, resetTimeout: 20_000 },
  /** As the preset `DATABASE`. */
  production: { failureThreshold: 5, timeout: 10_000, resetTimeout: 30_000 },
} as const satisfies Readonly<Record<string, EngineOptions>>;
