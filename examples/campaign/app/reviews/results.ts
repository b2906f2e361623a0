/** Results of a decision, as the page shows them. */
export const RESULTS = {
  sent: 'The invitation is sent.',
  dropped: 'The invitation is dropped.',
  late: 'Somebody else has decided already.',
  refused: 'LinkedIn does not take it now. It waits for another decision.',
  forbidden: 'Only administrators decide.',
} as const;

/** Result of a decision. */
export type Result = keyof typeof RESULTS;
