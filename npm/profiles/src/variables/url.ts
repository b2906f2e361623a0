import { readOptions } from 'fusewire/kit';
import { readStrings } from '../option-readers.ts';
import { createVariable } from './variable.ts';
import type { Reading, Requirement, ValueOf, Variable } from './variable.ts';

/** Options of {@link url}. */
export interface UrlOptions extends Requirement<string> {
  /** Protocols that are allowed, such as `['https']`. Default `['http', 'https']`. */
  readonly protocols?: readonly string[] | undefined;
  /**
   * Hosts that are forbidden, with their subdomains. `'example.com'` covers every domain that is reserved for examples:
   * `example.com`, `.org`, `.net`, and `.example`. Default `['example.com']`. An empty list allows every host.
   */
  readonly forbiddenHosts?: readonly string[] | undefined;
}

const EXAMPLE_DOMAIN = 'example.com';
/** Domains reserved for examples: RFC 2606, sections 2 and 3. */
const EXAMPLE_DOMAINS = [EXAMPLE_DOMAIN, 'example.org', 'example.net', 'example'];

/** Returns a variable that is a URL. Its value is the text without the blanks around it, otherwise unchanged. */
export function url<const Options extends UrlOptions>(options?: Options): Variable<ValueOf<string, Options>> {
  const reader = readOptions('Variable', 'url', options ?? {});
  const protocols = (readStrings(reader, 'protocols') ?? ['http', 'https']).map((each) =>
    each.replace(/:(?:\/\/)?$/, ''),
  );
  const forbidden = (readStrings(reader, 'forbiddenHosts') ?? [EXAMPLE_DOMAIN]).map(canonicalHost);
  const read = (text: string): Reading<string> => {
    const value = text.trim();
    const complaint = complaintAboutProtocol(value, protocols) ?? complaintAboutHost(value, forbidden);
    return complaint === undefined ? { value } : { complaint, showValue: false };
  };
  const isValue = (value: unknown): value is string => typeof value === 'string' && 'value' in read(value);
  const expected = 'a URL that satisfies the other options of the variable';
  return createVariable(reader, read, isValue, expected) as Variable<ValueOf<string, Options>>;
}

function complaintAboutProtocol(value: string, protocols: readonly string[]): string | undefined {
  const prefixes = protocols.map((protocol) => `${protocol.toLowerCase()}://`);
  const isAllowed = prefixes.some((prefix) => value.toLowerCase().startsWith(prefix));
  return isAllowed ? undefined : `must start with ${prefixes.join(' or ')}`;
}

function complaintAboutHost(value: string, forbidden: readonly string[]): string | undefined {
  const host = URL.canParse(value) ? canonicalHost(new URL(value).hostname) : '';
  if (host === '') return 'is not a valid URL';
  const isWithin = (domain: string) => host === domain || host.endsWith(`.${domain}`);
  if (forbidden.includes(EXAMPLE_DOMAIN) && EXAMPLE_DOMAINS.some(isWithin)) return 'points to example domain';
  return forbidden.some(isWithin) ? 'points to a forbidden host' : undefined;
}

/**
 * Returns a host in lower case, without percent-encoding and without a final dot. `URL` does so only for web protocols, so the
 * host is parsed as that of an `http` URL.
 */
function canonicalHost(host: string): string {
  const address = `http://${host}`;
  return URL.canParse(address) ? new URL(address).hostname.replace(/\.+$/, '') : host.toLowerCase().replace(/\.+$/, '');
}
