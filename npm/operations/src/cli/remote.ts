import type { Problem } from '../display/model.ts';
import { UsageError } from './usage-error.ts';

/** Management API of a program. */
export class Remote {
  readonly url: URL;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(url: URL, headers: Readonly<Record<string, string>>) {
    this.url = url;
    this.#headers = headers;
  }

  /**
   * Reads something as JSON.
   *
   * @throws {UsageError} if the program does not answer, or refuses.
   */
  async read<T>(path: string, query: Readonly<Record<string, string>> = {}): Promise<T> {
    const response = await this.open(path, query, AbortSignal.timeout(15_000));
    return (await response.json()) as T;
  }

  /** Returns a response with a body that is still to be read. */
  async open(
    path: string,
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
    headers = {},
  ): Promise<Response> {
    const url = new URL(path, this.url);
    url.search = new URLSearchParams(query).toString();
    const response = await fetch(url, { headers: { ...this.#headers, ...headers }, signal, redirect: 'manual' }).catch(
      (error: unknown) => {
        const cause = (error as Error).cause as { code?: string } | undefined;
        throw new UsageError(`${this.url.origin} does not answer: ${cause?.code ?? (error as Error).name}`);
      },
    );
    if (response.ok) return response;
    const problem = (await response.json().catch(() => undefined)) as Problem | undefined;
    throw new UsageError(
      `${url.origin}${url.pathname} answers ${response.status}: ${problem?.detail ?? 'no management API'}`,
    );
  }
}
