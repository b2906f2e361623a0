import { inject, injectable } from 'inversify';
import type { Settings } from '../../infrastructure/config/settings.ts';
import { TYPES } from '../../infrastructure/config/types.ts';
import type { CircuitBreaker, CircuitBreakerFactory } from '../../infrastructure/resilience/circuit-breaker.ts';
import { HttpError } from './http-error.ts';

/** Client of NerdGraph, the GraphQL API of New Relic, behind the breaker `nerdgraph-api`. */
@injectable()
export class NerdGraphClient {
  private readonly settings: Settings;
  private readonly circuitBreaker: CircuitBreaker;

  constructor(
    @inject(TYPES.Settings) settings: Settings,
    @inject(TYPES.CircuitBreakerFactory) circuitBreakerFactory: CircuitBreakerFactory,
  ) {
    this.settings = settings;
    this.circuitBreaker = circuitBreakerFactory.create({
      name: 'nerdgraph-api',
      failureThreshold: 5,
      successThreshold: 2,
      timeout: settings.NERDGRAPH_TIMEOUT,
      retryDelay: settings.NERDGRAPH_RETRY_DELAY,
      monitoringWindow: 60_000,
    });
  }

  /** Runs a query or mutation, and returns its data. Rejects for HTTP errors and for errors of GraphQL. */
  async query<T>(query: string, variables: object = {}, signal?: AbortSignal): Promise<T> {
    return this.circuitBreaker.execute((call) => this.post<T>({ query, variables }, call.signal), { signal });
  }

  /** Returns the rows of an NRQL query. */
  async nrql<Row>(nrql: string, signal?: AbortSignal): Promise<Row[]> {
    const query = 'query ($id: Int!, $nrql: Nrql!) { actor { account(id: $id) { nrql(query: $nrql) { results } } } }';
    const variables = { id: this.settings.NEW_RELIC_ACCOUNT_ID, nrql };
    const data = await this.query<{ actor: { account: { nrql: { results: Row[] } } } }>(query, variables, signal);
    return data.actor.account.nrql.results;
  }

  private async post<T>(body: object, signal: AbortSignal): Promise<T> {
    const response = await fetch(this.settings.NERDGRAPH_URL, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'API-Key': this.settings.NEW_RELIC_API_KEY },
      body: JSON.stringify(body),
      signal,
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new HttpError(`NerdGraph API error: ${response.status} ${response.statusText}`, response);
    }
    const { data, errors } = (await response.json()) as { data: T; errors?: unknown };
    if (errors !== undefined) throw new Error(`GraphQL errors: ${JSON.stringify(errors)}`);
    return data;
  }
}
