import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { CircuitBreakerModule } from '@fusewire/nestjs';
import { HealthModule } from './health/health.module.ts';
import { ConexxusModule } from './integrations/conexxus/conexxus.module.ts';
import { Operations } from './operations/operations.ts';
import { OperationsModule } from './operations/operations.module.ts';
import { PrismaModule } from './prisma/prisma.module.ts';
import { TIME_OF_DAY, VARIABLES } from './variables.ts';
import type { Variables } from './variables.ts';

/** Rejected calls become a 503, and the operators have `/ops`. */
const breakers = CircuitBreakerModule.forRootAsync({
  imports: [OperationsModule],
  inject: [Operations],
  useFactory: ({ registry, management }: Operations) => ({ registry, management }),
  mount: { path: 'ops' },
});

@Module({})
export class AppModule {
  static forRoot(variables: Variables, timeOfDay: () => number): DynamicModule {
    const providers = [
      { provide: VARIABLES, useValue: variables },
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
