/** Options that all consumers of queues share. */
export const CONSUMER = {
  pollInterval: 250,
  // A claim whose answer is lost with the database is repeated after this time. Longer operations extend it.
  leaseTime: 5_000,
  retryDelay: 250,
  maxRetryDelay: 2_000,
  // With outages of hours in mind: nothing is given up before a person has seen it.
  maxAttempts: 1_000,
} as const;
