/** Returns the class and the code of an error. Its message may contain secrets, so that it is not shown. */
export function errorClass(error: unknown): string {
  if (!(error instanceof Error)) return 'failed';
  const { name, code } = error as Error & { code?: unknown };
  return typeof code === 'string' && /^\w{1,40}$/.test(code) ? `${name} ${code}` : name;
}
