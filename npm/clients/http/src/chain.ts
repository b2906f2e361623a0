/** Longer chains are told by their beginning. */
const MOST_LINKS = 32;

/**
 * An error and all that it stands for: its `cause` and that one's, the errors of an `AggregateError`, and the error of the
 * adapter that Prisma keeps in `meta`; the outermost first, each once.
 */
export function chainOf(error: unknown): object[] {
  const chain = new Set<object>();
  const visit = (link: unknown): void => {
    if (typeof link !== 'object' || link === null || chain.has(link) || chain.size >= MOST_LINKS) return;
    chain.add(link);
    const errors = propertyOf(link, 'errors');
    visit(propertyOf(link, 'cause'));
    visit(propertyOf(propertyOf(link, 'meta'), 'driverAdapterError'));
    if (Array.isArray(errors)) errors.forEach(visit);
  };
  visit(error);
  return [...chain];
}

/** A property of an error of any making, whose getters may throw. */
export function propertyOf(error: unknown, name: string): unknown {
  if (typeof error !== 'object' || error === null) return undefined;
  try {
    return (error as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}

/** The message of an error, where it is one. */
export function messageOf(error: unknown): string {
  const message = propertyOf(error, 'message');
  return typeof message === 'string' ? message : '';
}

/** The codes that an error carries: its `code`, and the `errorCode` of some. */
export function codesOf(error: unknown): string[] {
  return ['code', 'errorCode'].flatMap((name) => {
    const code = propertyOf(error, name);
    return typeof code === 'string' && code !== '' ? [code] : [];
  });
}

/** The status that an error or a response carries itself, or by its `response`. */
export function statusOf(given: unknown): number | undefined {
  for (const holder of [given, propertyOf(given, 'response')]) {
    for (const name of ['status', 'statusCode']) {
      const status = propertyOf(holder, name);
      if (typeof status === 'number' && Number.isInteger(status) && status >= 100 && status <= 599) return status;
    }
  }
  return undefined;
}
