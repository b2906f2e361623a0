import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { pipeline } from 'fusewire';
import { clientOptions, retryOptions } from '@fusewire/dialects/conexxus';
import type { ConexxusEnvironment, SyncRunner } from '@fusewire/dialects/conexxus';
import axios from 'axios';
import type { AxiosInstance } from 'axios';

/** Item of the inventory, as the API has it. */
export interface ConexxusItem {
  readonly sku: string;
  readonly name: string;
  readonly quantity: number;
}

/** Sale to push. The API stores a sale once for each id. */
export interface ConexxusSale {
  readonly id: string;
  readonly sku: string;
  readonly quantity: number;
}

/**
 * Client of the API. Each call makes up to four requests, after 1, 2 and 4 seconds, through a limited number of connections.
 * The circuit counts calls, as the document says. A call that fails leaves a row in `EventLog`.
 */
export class ConexxusHttpClient {
  private readonly client: AxiosInstance;
  private readonly requests;

  constructor(
    environment: ConexxusEnvironment,
    private readonly run: SyncRunner,
    connections: number,
  ) {
    const { CONEXXUS_API_KEY, CONEXXUS_TIMEOUT, CONEXXUS_RETRIES } = environment;
    const pool = { keepAlive: true, maxSockets: connections };
    this.client = axios.create({
      ...clientOptions(environment),
      headers: { Authorization: `Bearer ${CONEXXUS_API_KEY}` },
      httpAgent: new HttpAgent(pool),
      httpsAgent: new HttpsAgent(pool),
    });
    this.requests = pipeline({
      name: 'conexxus requests',
      // The document allows a call 90 seconds: 30 for each of 3 attempts.
      timeout: CONEXXUS_TIMEOUT * Math.max(CONEXXUS_RETRIES, 1),
      retry: retryOptions(environment),
      bulkhead: { limit: connections, queueSize: 10 * connections },
    });
  }

  async fetchInventoryItems(): Promise<ConexxusItem[]> {
    return this.run('fetch_inventory', (call) =>
      this.requests.execute(async ({ signal }) => {
        const response = await this.client.get('/api/v1/inventory/items', { signal });
        return response.data.data;
      }, call),
    );
  }

  /** Returns the ids that the API has accepted. */
  async pushSales(sales: readonly ConexxusSale[]): Promise<string[]> {
    const push = (signal: AbortSignal) => this.client.post('/api/v1/sales', { sales }, { signal });
    return this.run(
      'push_sales',
      (call) => this.requests.execute(async ({ signal }) => (await push(signal)).data.accepted, call),
      { sales },
    );
  }

  close(): void {
    for (const agent of [this.client.defaults.httpAgent, this.client.defaults.httpsAgent]) agent.destroy();
  }
}
