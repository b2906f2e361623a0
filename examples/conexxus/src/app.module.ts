import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { HealthModule } from './health/health.module.ts';
import { ConexxusModule } from './integrations/conexxus/conexxus.module.ts';
import { OperationsModule } from './operations/operations.module.ts';
import { PrismaModule } from './prisma/prisma.module.ts';
import { TIME_OF_DAY, VARIABLES } from './variables.ts';
import type { Variables } from './variables.ts';

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
      imports: [PrismaModule, OperationsModule, ConexxusModule, HealthModule],
      providers,
      exports: providers.map(({ provide }) => provide),
    };
  }
}
