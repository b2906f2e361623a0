import type { Queue } from 'fusewire/queue';
import { inject, injectable } from 'inversify';
import { importDashboard } from './dashboards/import-dashboard.ts';
import type { Settings } from './infrastructure/config/settings.ts';
import { TYPES } from './infrastructure/config/types.ts';
import type { CircuitBreakerMonitor } from './infrastructure/resilience/circuit-breaker.ts';
import type { Logger } from './shared/utils/logger.ts';
import type { NerdGraphClient } from './shared/utils/nerdgraph-client.ts';
import type { Entity, EntityStreamer } from './streaming/entity-streamer.ts';

/** The program: streams entities, reports its circuit breakers, and imports their dashboard. */
@injectable()
export class Platform {
  constructor(
    @inject(TYPES.Settings) private readonly settings: Settings,
    @inject(TYPES.Logger) private readonly logger: Logger,
    @inject(TYPES.NerdGraphClient) readonly nerdGraph: NerdGraphClient,
    @inject(TYPES.EntityStreamer) readonly entities: EntityStreamer,
    @inject(TYPES.CircuitBreakerMonitor) readonly monitor: CircuitBreakerMonitor,
    @inject(TYPES.EntityQueue) private readonly queue: Queue<Entity[]>,
  ) {}

  /** Starts streaming and reporting. An account without the dashboard gets it. */
  async start(): Promise<void> {
    this.entities.start();
    this.monitor.startMonitoring(this.settings.REPORT_INTERVAL);
    await this.importDashboard().catch((error: Error) => {
      this.logger.warn(`The dashboard was not imported: ${error.message}`);
    });
  }

  /** Imports the dashboard, unless the account has it. Resolves with its GUID. */
  importDashboard(): Promise<string> {
    return importDashboard(this.nerdGraph, this.settings.NEW_RELIC_ACCOUNT_ID);
  }

  /** Sends a last report, and stops. Batches that wait stay on the disk. */
  async stop(): Promise<void> {
    this.monitor.stopMonitoring();
    await this.entities.stop();
    await this.monitor.reportMetrics().catch((error: Error) => this.logger.warn(error.message));
    await this.queue.close();
  }
}
