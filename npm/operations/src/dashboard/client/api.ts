import type { Problem, Source } from '../../display/model.ts';

/** Failure of a request, with a sentence for the person in front of the page. */
export class RequestFailure extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Reads something of a source. */
export async function read<T>(source: Source, path: string, query: Readonly<Record<string, string>> = {}): Promise<T> {
  const search = new URLSearchParams(query).toString();
  const response = await send(`${source.base}${path}${search === '' ? '' : `?${search}`}`, {});
  return (await response.json()) as T;
}

/** Changes something at a source. */
export async function change<T>(source: Source, path: string, body: object): Promise<T> {
  const response = await send(`${source.base}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return (await response.json()) as T;
}

/** Returns the path of something below the breaker of a name. */
export function breakerPath(name: string, rest = ''): string {
  return `breakers/${encodeURIComponent(name)}${rest}`;
}

async function send(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(15_000) }).catch((error: unknown) => {
    throw new RequestFailure(0, `The program does not answer (${error instanceof Error ? error.name : 'error'}).`);
  });
  if (response.ok) return response;
  const problem = (await response.json().catch(() => undefined)) as Problem | undefined;
  throw new RequestFailure(response.status, problem?.detail ?? `The program answers ${response.status}.`);
}
