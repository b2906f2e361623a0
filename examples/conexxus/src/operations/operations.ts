import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationShutdown, OnModuleDestroy } from '@nestjs/common';
import type { CircuitBreaker } from 'fusewire';
import type { Alerts } from '@fusewire/operations/alerts';
import { dashboard } from '@fusewire/operations/dashboard';
import { eventLog } from '@fusewire/operations/events';
import { management } from '@fusewire/operations/management';
import { prismaEventSink } from '@fusewire/prisma';
import { prometheus } from '@fusewire/prometheus';
import { PrismaService } from '../prisma/prisma.service.ts';
import { VARIABLES } from '../variables.ts';
import type { Variables } from '../variables.ts';
import { createAlerts } from './alerts.ts';
import { operatorsOf } from './operators.ts';

/** Event log, metrics, alerts, and the API and the dashboard of the operators under `/ops`. */
@Injectable()
export class Operations implements OnModuleDestroy, OnApplicationShutdown {
  readonly events;
  readonly alerts: Alerts;
  readonly management;
  private readonly breakers = new Map<string, CircuitBreaker>();
  private readonly metrics = prometheus();

  constructor(
    private readonly prisma: PrismaService,
    @Inject(VARIABLES) variables: Variables,
  ) {
    this.events = eventLog({ sinks: prismaEventSink({ model: prisma.eventLog, columns: 'EventLog' }) });
    this.alerts = createAlerts(variables, this.events);
    this.management = management({
      registry: this.breakers,
      basePath: '/ops',
      authorize: operatorsOf(variables['OPS_TOKEN']),
      publicProbes: true,
      events: this.events,
      alerts: this.alerts,
      metrics: () => this.metrics.text(),
      dashboard: dashboard(),
    });
  }

  /** Puts a breaker under the eyes of the operators. */
  watch(breaker: CircuitBreaker): void {
    this.breakers.set(breaker.name, breaker);
    this.events.watch(breaker);
    this.metrics.watch(breaker);
    this.alerts.watch(breaker);
  }

  /** Ends the streams of the dashboard, which would hold up the server. */
  onModuleDestroy(): void {
    this.management.close();
  }

  /** Stores the last events, and then lets go of the database. */
  async onApplicationShutdown(): Promise<void> {
    await this.alerts.close({ timeout: 5_000 });
    await this.events.close();
    this.metrics.close();
    await this.prisma.$disconnect();
  }
}
