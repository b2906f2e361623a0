import { parseArgs } from 'node:util';
import { UsageError } from './usage-error.ts';

/** Arguments of all commands. */
export interface Arguments {
  readonly urls: readonly URL[];
  /** Headers of the requests to the management API. */
  readonly headers: Readonly<Record<string, string>>;
  readonly json: boolean;
  readonly once: boolean;
  readonly follow: boolean;
  /** Milliseconds between two looks. */
  readonly interval: number;
  readonly port: number;
  readonly limit: number;
  /** Filter of events: parameters of the route `/events`. */
  readonly filter: Readonly<Record<string, string>>;
}

const OPTIONS = {
  url: { type: 'string', multiple: true },
  header: { type: 'string', multiple: true },
  json: { type: 'boolean' },
  once: { type: 'boolean' },
  follow: { type: 'boolean' },
  interval: { type: 'string' },
  port: { type: 'string' },
  limit: { type: 'string' },
  breaker: { type: 'string' },
  kind: { type: 'string' },
  severity: { type: 'string' },
} as const;

/** Reads the arguments of a command. `FUSEWIRE_TOKEN` of the environment is a bearer token. */
export function readArguments(args: readonly string[], environment: NodeJS.ProcessEnv): Arguments {
  const { values, positionals } = parse(args);
  const urls = [...positionals, ...(values.url ?? [])].map(readUrl);
  if (urls.length === 0) throw new UsageError('give the URL of a management API, such as http://127.0.0.1:3000/ops');
  const token = environment['FUSEWIRE_TOKEN'];
  const { breaker, kind, severity } = values;
  return {
    urls,
    headers: {
      ...(token !== undefined && token !== '' && { authorization: `Bearer ${token}` }),
      ...Object.fromEntries((values.header ?? []).map(readHeader)),
    },
    json: values.json === true,
    once: values.once === true,
    follow: values.follow === true,
    interval: readNumber('--interval', values.interval, 1_000, 100, 3_600_000),
    port: readNumber('--port', values.port, 0, 0, 65_535),
    limit: readNumber('--limit', values.limit, 20, 1, 1_000),
    filter: Object.fromEntries(
      Object.entries({ breaker, kind, severity }).filter(([, value]) => value !== undefined),
    ) as Record<string, string>,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** Returns a URL with a slash at its end, so that paths are relative to all of it. */
function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new UsageError('a URL must begin with http:// or https://');
  if (url.username !== '' || url.password !== '')
    throw new UsageError('a URL must have no password in it; use --header or FUSEWIRE_TOKEN');
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

function readHeader(text: string): [name: string, value: string] {
  const colon = text.indexOf(':');
  const name = text.slice(0, colon).trim().toLowerCase();
  if (colon < 1 || !/^[\w-]+$/.test(name)) throw new UsageError("--header must be 'name: value'");
  return [name, text.slice(colon + 1).trim()];
}

function readNumber(option: string, text: string | undefined, otherwise: number, least: number, most: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new UsageError(`${option} must be a whole number from ${least} to ${most}, got ${text}`);
}
