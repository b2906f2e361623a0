import { readOptions } from 'fusewire';
import type { OptionsReader } from 'fusewire';
import { variable } from './variable.ts';
import type { Reading, Requirement, ValueOf, Variable } from './variable.ts';

/** Which addresses a variable may hold. */
export interface UrlOptions extends Requirement<string> {
  /** How it may begin, such as `['https']`. Default `['http', 'https']`. */
  readonly protocols?: readonly string[] | undefined;
  /**
   * Hosts it may not point to, nor to what is below them. `'example.com'` stands for everything that is reserved for
   * examples: `example.com`, `.org`, `.net`, and `.example`. Default `['example.com']`; an empty list allows any.
   */
  readonly forbiddenHosts?: readonly string[] | undefined;
}

const EXAMPLE = 'example.com';
/** RFC 2606, sections 2 and 3. */
const EXAMPLES = [EXAMPLE, 'example.org', 'example.net', 'example'];

/** An address, as it was given but for the blanks around it. */
export function url<const Options extends UrlOptions>(options?: Options): Variable<ValueOf<string, Options>> {
  const reader = readOptions('Variable', 'url', options ?? {});
  const protocols = (wordsOf(reader, 'protocols') ?? ['http', 'https']).map((each) => each.replace(/:(?:\/\/)?$/, ''));
  const forbidden = (wordsOf(reader, 'forbiddenHosts') ?? [EXAMPLE]).map(canonicalHost);
  const read = (given: string): Reading<string> => {
    const value = given.trim();
    const fault = protocolFault(value, protocols) ?? hostFault(value, forbidden);
    return fault === undefined ? { value } : { fault, shown: false };
  };
  const isValue = (value: unknown): value is string => typeof value === 'string' && 'value' in read(value);
  return variable(reader, read, isValue, 'an address that the variable itself could hold') as Variable<
    ValueOf<string, Options>
  >;
}

function wordsOf(reader: OptionsReader, option: string): readonly string[] | undefined {
  const given = reader.value(option);
  if (given === undefined) return undefined;
  if (Array.isArray(given) && given.every((word) => typeof word === 'string' && word !== '')) return given as string[];
  reader.report(option, 'type', 'a list of words');
  return undefined;
}

function protocolFault(value: string, protocols: readonly string[]): string | undefined {
  const starts = protocols.map((protocol) => `${protocol.toLowerCase()}://`);
  const begins = value.toLowerCase();
  return starts.some((start) => begins.startsWith(start)) ? undefined : `must start with ${starts.join(' or ')}`;
}

function hostFault(value: string, forbidden: readonly string[]): string | undefined {
  const host = URL.canParse(value) ? canonicalHost(new URL(value).hostname) : '';
  if (host === '') return 'is no valid address';
  const isWithin = (domain: string) => host === domain || host.endsWith(`.${domain}`);
  if (forbidden.includes(EXAMPLE) && EXAMPLES.some(isWithin)) return 'points to example domain';
  return forbidden.some(isWithin) ? 'points to a forbidden host' : undefined;
}

/**
 * A host as a resolver takes it: in lower case, without escapes and without the dot at its end. `URL` does the first two for
 * the protocols of the web only.
 */
function canonicalHost(host: string): string {
  const address = `http://${host}`;
  return URL.canParse(address) ? new URL(address).hostname.replace(/\.+$/, '') : host.toLowerCase().replace(/\.+$/, '');
}
