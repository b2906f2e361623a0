/** Application with a health check of Terminus. */
import { Controller, Get, Inject, Module } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import { HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { BreakersHealthIndicator, CircuitBreakerModule } from '@fusewire/nestjs';
import type { BreakersHealthOptions } from '@fusewire/nestjs';

/** Returns a module that answers `GET /health` with the health of its breakers. */
export function healthModule(options: BreakersHealthOptions): Type {
  @Controller()
  class HealthController {
    readonly #health: HealthCheckService;
    readonly #breakers: BreakersHealthIndicator;

    constructor(
      @Inject(HealthCheckService) health: HealthCheckService,
      @Inject(BreakersHealthIndicator) breakers: BreakersHealthIndicator,
    ) {
      this.#health = health;
      this.#breakers = breakers;
    }

    @Get('health')
    check(): Promise<unknown> {
      return this.#health.check([() => this.#breakers.check('breakers', options)]);
    }
  }

  @Module({ imports: [TerminusModule, CircuitBreakerModule.forRoot({})], controllers: [HealthController] })
  class AppModule {}
  return AppModule;
}

/** Resolves with the status code, the status and the breakers of `GET /health`. */
export async function healthAt(origin: string): Promise<[number, string, object]> {
  const response = await fetch(`${origin}/health`);
  const { status, details } = (await response.json()) as { status: string; details: { breakers: object } };
  return [response.status, status, details.breakers];
}
