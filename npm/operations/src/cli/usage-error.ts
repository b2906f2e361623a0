/** Error of somebody who has called the program wrongly, or whose program does not answer. */
export class UsageError extends Error {}
