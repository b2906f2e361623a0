import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import type { ConexxusEnvironment } from '@fusewire/dialects/conexxus';
import { CircuitBreakerModule } from '@fusewire/nestjs';
import { HealthModule } from './health/health.module.ts';
import { ConexxusModule } from './integrations/conexxus/conexxus.module.ts';
import { Operations } from './operations/operations.ts';
import { OperationsModule } from './operations/operations.module.ts';
import { PrismaModule } from './prisma/prisma.module.ts';
import { API, SETTINGS, TIME_OF_DAY, VARIABLES } from './variables.ts';
import type { Settings, Variables } from './variables.ts';

/** Rejected calls become a 503, and the operators have `/ops`. */
const breakers = CircuitBreakerModule.forRootAsync({
  imports: [OperationsModule],
  inject: [Operations],
  useFactory: ({ registry, management }: Operations) => ({ registry, management }),
  mount: { path: 'ops' },
});

/** Providers of the whole application. */
export interface AppConfiguration {
  readonly variables: Variables;
  readonly api: ConexxusEnvironment | null;
  readonly settings: Settings;
  readonly timeOfDay: () => number;
}

@Module({})
export class AppModule {
  static forRoot({ variables, api, settings, timeOfDay }: AppConfiguration): DynamicModule {
    const providers = [
      { provide: VARIABLES, useValue: variables },
      { provide: API, useValue: api },
      { provide: SETTINGS, useValue: settings },
      { provide: TIME_OF_DAY, useValue: timeOfDay },
    ];
    return {
      module: AppModule,
      global: true,
      imports: [PrismaModule, breakers, ConexxusModule, HealthModule],
      providers,
      exports: providers.map(({ provide }) => provide),
    };
  }
}
