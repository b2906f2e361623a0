/** Thrown when the doctor cannot run: wrong arguments, or a file that cannot be read. Its message goes to stderr. */
export class UsageError extends Error {}
