import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ConexxusService } from './conexxus.service.ts';
import { SyncFailures } from './sync-failures.ts';

@Controller('conexxus')
export class ConexxusController {
  constructor(
    private readonly conexxus: ConexxusService,
    private readonly failures: SyncFailures,
  ) {}

  @Post('sync/inventory')
  @HttpCode(200)
  syncInventory() {
    return this.conexxus.syncInventory();
  }

  @Post('sync/sales')
  @HttpCode(200)
  pushSales() {
    return this.conexxus.pushSales();
  }

  @Get('stats')
  stats() {
    return this.conexxus.getCircuitBreakerStats();
  }

  @Get('health')
  health() {
    return this.conexxus.getHealthStatus();
  }

  /** The three queries of the document. */
  @Get('failures')
  async listFailures() {
    const [recent, byOperation, lastHour] = await Promise.all([
      this.failures.recent(20),
      this.failures.byOperation(),
      this.failures.since(new Date(Date.now() - 3_600_000)),
    ]);
    return { recent, byOperation, lastHour: lastHour.length };
  }
}
