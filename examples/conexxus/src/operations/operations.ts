import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import { BreakerRegistry } from 'fusewire';
import type { Alerts } from '@fusewire/operations/alerts';
import { dashboard } from '@fusewire/operations/dashboard';
import { eventLog } from '@fusewire/operations/events';
import type { ManagementOptions } from '@fusewire/operations/management';
import { prismaEventSink } from '@fusewire/prisma';
import { prometheus } from '@fusewire/prometheus';
import { PrismaService } from '../prisma/prisma.service.ts';
import { VARIABLES } from '../variables.ts';
import type { Variables } from '../variables.ts';
import { createAlerts } from './alerts.ts';
import { operatorsOf } from './operators.ts';

/** Breakers of the application, and what watches them: event log, metrics, alerts, and the API and dashboard of the operators. */
@Injectable()
export class Operations implements OnApplicationShutdown {
  readonly registry = new BreakerRegistry();
  readonly events;
  readonly alerts: Alerts;
  /** Options of the API under `/ops`. */
  readonly management: Partial<ManagementOptions>;

  constructor(
    private readonly prisma: PrismaService,
    @Inject(VARIABLES) variables: Variables,
  ) {
    this.events = eventLog({ sinks: prismaEventSink({ model: prisma.eventLog, columns: 'EventLog' }) });
    this.events.watch(this.registry);
    const metrics = prometheus({ sources: [this.registry] });
    this.alerts = createAlerts(variables, this.events);
    this.alerts.watch(this.registry);
    this.management = {
      authorize: operatorsOf(variables['OPS_TOKEN']),
      publicProbes: true,
      events: this.events,
      alerts: this.alerts,
      metrics: () => metrics.text(),
      dashboard: dashboard(),
    };
  }

  /** Stores the last events, and then lets go of the database. */
  async onApplicationShutdown(): Promise<void> {
    await this.alerts.close({ timeout: 5_000 });
    await this.events.close();
    await this.prisma.$disconnect();
  }
}
