import { Logger, Module } from '@nestjs/common';
import { BreakerRegistry } from 'fusewire';
import { CircuitBreaker, syncRunner } from '@fusewire/dialects/conexxus';
import type { ConexxusEnvironment } from '@fusewire/dialects/conexxus';
import { eventLogTable } from '@fusewire/operations/events';
import { Operations } from '../../operations/operations.ts';
import { OperationsModule } from '../../operations/operations.module.ts';
import { API, SETTINGS, TIME_OF_DAY } from '../../variables.ts';
import type { Settings } from '../../variables.ts';
import { createBreaker } from './circuit-breaker.ts';
import { ConexxusController } from './conexxus.controller.ts';
import { ConexxusHttpClient } from './conexxus-http.client.ts';
import { ConexxusService } from './conexxus.service.ts';
import { SyncFailures } from './sync-failures.ts';

const logger = new Logger('Conexxus');

@Module({
  imports: [OperationsModule],
  controllers: [ConexxusController],
  providers: [
    ConexxusService,
    SyncFailures,
    {
      provide: CircuitBreaker,
      inject: [SETTINGS, TIME_OF_DAY, BreakerRegistry],
      useFactory: (settings: Settings, timeOfDay: () => number, registry: BreakerRegistry) =>
        createBreaker(settings, timeOfDay, registry, logger),
    },
    {
      provide: ConexxusHttpClient,
      inject: [API, SETTINGS, CircuitBreaker, Operations],
      useFactory(
        environment: ConexxusEnvironment | null,
        settings: Settings,
        circuitBreaker: CircuitBreaker,
        operations: Operations,
      ) {
        // The document's roll-back plan: without its variables, the integration is off.
        if (environment === null) return null;
        const eventLog = eventLogTable(operations.events, { breaker: circuitBreaker.engine.name });
        const run = syncRunner({ eventLog, circuitBreaker, environment, logger });
        return new ConexxusHttpClient(environment, run, settings.CONEXXUS_CONNECTIONS);
      },
    },
  ],
  exports: [ConexxusService],
})
export class ConexxusModule {}
