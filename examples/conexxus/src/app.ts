import 'reflect-metadata';
import { readEnvironment } from '@fusewire/dialects/conexxus';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { INestApplication, LoggerService } from '@nestjs/common';
import { AppModule } from './app.module.ts';
import { migrate } from './prisma/migrations.ts';
import { readSettings } from './variables.ts';
import type { Variables } from './variables.ts';

/** Options of {@link createApp}. */
export interface AppOptions {
  /** Default: `process.env`. */
  readonly variables?: Variables;
  /** Default: `Date.now`. */
  readonly timeOfDay?: () => number;
  /** Default: that of Nest. */
  readonly logger?: LoggerService;
}

/** Creates the application, with an up-to-date database. Rejects with every problem of the configuration, before it does anything. */
export async function createApp(options: AppOptions = {}): Promise<INestApplication> {
  const { variables = process.env, timeOfDay = Date.now, logger } = options;
  const settings = readSettings(variables);
  const api = readEnvironment(variables, { logger: logger ?? new Logger('Conexxus') }) ?? null;
  await migrate(variables['DATABASE_URL'] ?? 'file:./conexxus.db');
  const app = await NestFactory.create(AppModule.forRoot({ variables, api, settings, timeOfDay }), {
    abortOnError: false,
    forceCloseConnections: true,
    ...(logger && { logger }),
  });
  app.enableShutdownHooks();
  return app;
}
