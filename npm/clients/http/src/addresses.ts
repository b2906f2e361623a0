/** Origins by the texts of addresses up to their path. Parsing an address costs more than this. */
const origins = new Map<string, string>();
const MAX_ORIGINS = 100;

/**
 * Returns the origin of an address with the protocol http or https. Returns `''` for another protocol, and undefined for an
 * invalid address.
 */
export function originOf(address: string): string | undefined {
  // The authority ends before the first slash that is not one of `https://`.
  const end = address.indexOf('/', 8);
  const prefix = end === -1 ? address : address.slice(0, end);
  const known = origins.get(prefix);
  if (known !== undefined) return known;
  const url = urlOf(address);
  if (url === undefined) return undefined;
  const origin = url.protocol === 'http:' || url.protocol === 'https:' ? url.origin : '';
  if (origin !== '' && base() === undefined && urlOf(prefix)?.origin === origin) {
    if (origins.size >= MAX_ORIGINS) origins.clear();
    origins.set(prefix, origin);
  }
  return origin;
}

/** Whether an address includes a user or a password. */
export function hasCredentials(address: string): boolean {
  if (!address.includes('@')) return false;
  const { username, password } = urlOf(address) ?? { username: '', password: '' };
  return username !== '' || password !== '';
}

/** Returns the URL of an address, or undefined if it is invalid. */
export function urlOf(address: string): URL | undefined {
  try {
    return new URL(address, base());
  } catch {
    return undefined;
  }
}

/** Returns the address that a page's relative address stands for. It is returned as it is if there is no page. */
export function absolute(address: string): string {
  return base() === undefined ? address : (urlOf(address)?.href ?? address);
}

/** Returns the address of the page, to which others may be relative. */
function base(): string | undefined {
  return (globalThis as { location?: { href?: string } }).location?.href;
}
