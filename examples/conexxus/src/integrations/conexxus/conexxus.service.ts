import { Inject, Injectable, Logger, ServiceUnavailableException } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import { CircuitBreaker, healthStatus } from '@fusewire/dialects/conexxus';
import type { CircuitBreakerStats, HealthStatus, SyncStatus } from '@fusewire/dialects/conexxus';
import { PrismaService } from '../../prisma/prisma.service.ts';
import { ConexxusHttpClient } from './conexxus-http.client.ts';

/** Health of the integration; `enabled` is false without its variables. */
export type ConexxusHealth = HealthStatus & { readonly enabled: boolean };

/** Synchronises the inventory and the sales with the API. */
@Injectable()
export class ConexxusService implements OnApplicationShutdown {
  private readonly logger = new Logger('Conexxus');
  private sync: SyncStatus = { apiConnection: true };

  constructor(
    private readonly prisma: PrismaService,
    private readonly circuitBreaker: CircuitBreaker,
    @Inject(ConexxusHttpClient) private readonly client: ConexxusHttpClient | null,
  ) {}

  /** Fetches the inventory, and returns how many items were stored. Items without a SKU make the synchronisation partial. */
  async syncInventory(): Promise<{ items: number }> {
    return this.synchronise(async (client) => {
      const items = await client.fetchInventoryItems();
      const valid = items.filter(({ sku }) => sku);
      await this.prisma.$transaction(
        valid.map(({ sku, name, quantity }) =>
          this.prisma.inventoryItem.upsert({
            where: { sku },
            create: { sku, name, quantity },
            update: { name, quantity },
          }),
        ),
      );
      return { result: { items: valid.length }, isComplete: valid.length === items.length };
    });
  }

  /** Pushes the sales that the API does not have yet, and returns how many it accepted. */
  async pushSales(): Promise<{ sales: number }> {
    return this.synchronise(async (client) => {
      const sales = await this.prisma.sale.findMany({
        where: { pushedAt: null },
        orderBy: { soldAt: 'asc' },
        take: 500,
        select: { id: true, sku: true, quantity: true },
      });
      const accepted = sales.length === 0 ? [] : await client.pushSales(sales);
      await this.prisma.sale.updateMany({ where: { id: { in: accepted } }, data: { pushedAt: new Date() } });
      return { result: { sales: accepted.length }, isComplete: accepted.length === sales.length };
    });
  }

  getCircuitBreakerStats(): CircuitBreakerStats {
    return this.circuitBreaker.getStats();
  }

  async getHealthStatus(): Promise<ConexxusHealth> {
    return { enabled: this.client !== null, ...healthStatus(this.circuitBreaker, this.sync) };
  }

  onApplicationShutdown(): void {
    this.client?.close();
  }

  private async synchronise<T>(
    work: (client: ConexxusHttpClient) => Promise<{ result: T; isComplete: boolean }>,
  ): Promise<T> {
    if (this.client === null) throw new ServiceUnavailableException('The Conexxus integration is off');
    const lastSyncTime = new Date();
    try {
      const { result, isComplete } = await work(this.client);
      this.sync = { lastSyncTime, lastSyncStatus: isComplete ? 'success' : 'partial', apiConnection: true };
      return result;
    } catch (error) {
      const lastError = (error as Error).message;
      this.sync = { lastSyncTime, lastSyncStatus: 'failed', lastError, apiConnection: false };
      this.logger.warn(`Synchronisation failed: ${lastError}`);
      throw error;
    }
  }
}
