/** Degraded health, which Terminus knows since version 12. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Controller, Get, Inject, Module } from '@nestjs/common';
import { HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { BreakersHealthIndicator, CircuitBreakerModule } from '@fusewire/nestjs';
import { BreakerRegistry } from 'fusewire';
import { create, listening } from './platforms.ts';

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
    return this.#health.check([() => this.#breakers.check('breakers', { degraded: true })]);
  }
}

@Module({ imports: [TerminusModule, CircuitBreakerModule.forRoot({})], controllers: [HealthController] })
class AppModule {}

describe('BreakersHealthIndicator', () => {
  it('is degraded with an open circuit if it may, and the response of Terminus is still 200', async () => {
    const app = await create('Express', AppModule);
    const origin = await listening(app);
    app.get(BreakerRegistry).create('mail').forceOpen();
    const response = await fetch(`${origin}/health`);
    const { status, details } = (await response.json()) as { status: string; details: { breakers: object } };
    await app.close();
    assert.deepEqual(
      [response.status, status, details.breakers],
      [200, 'degraded', { status: 'degraded', open: ['mail'], breakers: 1 }],
    );
  });
});
