/** Most errors that are looked at; longer chains of causes are cut here. */
const MAX_LINKED_ERRORS = 32;

/**
 * Returns an error and every error linked to it: its `cause` and the causes of that, the errors of an `AggregateError`, and
 * the adapter's error that Prisma keeps in `meta`. The outermost comes first, and each comes once.
 */
export function linkedErrors(error: unknown): object[] {
  const found = new Set<object>();
  const visit = (link: unknown): void => {
    if (typeof link !== 'object' || link === null || found.has(link) || found.size >= MAX_LINKED_ERRORS) return;
    found.add(link);
    const errors = propertyOf(link, 'errors');
    visit(propertyOf(link, 'cause'));
    visit(propertyOf(propertyOf(link, 'meta'), 'driverAdapterError'));
    if (Array.isArray(errors)) errors.forEach(visit);
  };
  visit(error);
  return [...found];
}

/** Returns a property of an error of any class, or undefined if its getter throws. */
export function propertyOf(error: unknown, name: string): unknown {
  if (typeof error !== 'object' || error === null) return undefined;
  try {
    return (error as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}

/** Returns the message of an error, or `''` if it has none. */
export function messageOf(error: unknown): string {
  const message = propertyOf(error, 'message');
  return typeof message === 'string' ? message : '';
}

/** Returns the codes of an error: its `code`, and the `errorCode` that Prisma uses. */
export function codesOf(error: unknown): string[] {
  return ['code', 'errorCode'].flatMap((name) => {
    const code = propertyOf(error, name);
    return typeof code === 'string' && code !== '' ? [code] : [];
  });
}

/** Returns the HTTP status of an error or a response, or of its `response`. */
export function statusOf(source: unknown): number | undefined {
  return ownStatusOf(source) ?? ownStatusOf(propertyOf(source, 'response'));
}

/** Returns the HTTP status of an error or a response itself. */
export function ownStatusOf(holder: unknown): number | undefined {
  const status = propertyOf(holder, 'status');
  if (isStatus(status)) return status;
  const statusCode = propertyOf(holder, 'statusCode');
  return isStatus(statusCode) ? statusCode : undefined;
}

function isStatus(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 100 && value <= 599;
}

/** Returns a header of a response, or of the `response` of an error, or undefined if it has none. */
export function headerOf(source: unknown, name: string): string | undefined {
  const headers = propertyOf(propertyOf(source, 'response'), 'headers') ?? propertyOf(source, 'headers');
  if (typeof headers !== 'object' || headers === null) return undefined;
  try {
    const { get } = headers as { get?: unknown };
    const value: unknown = typeof get === 'function' ? get.call(headers, name) : valueOf(headers, name);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the value of a header from a plain object, whose names may be in any case. */
function valueOf(headers: object, name: string): unknown {
  return Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
}
