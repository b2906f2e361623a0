/** Health of the breakers in a check of Terminus. */
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
    return this.#health.check([() => this.#breakers.check('breakers', { critical: ['ledger'] })]);
  }
}

@Module({ imports: [TerminusModule, CircuitBreakerModule.forRoot({})], controllers: [HealthController] })
class AppModule {}

describe('BreakersHealthIndicator', () => {
  it('is up with open circuits, and down with a critical one, in a check of Terminus', async () => {
    const app = await create('Express', AppModule);
    const origin = await listening(app);
    const registry = app.get(BreakerRegistry);
    const asked = async () => {
      const response = await fetch(`${origin}/health`);
      const { status, details } = (await response.json()) as { status: string; details: { breakers: object } };
      return [response.status, status, details.breakers];
    };
    for (const name of ['ledger', 'mail']) registry.create(name);
    assert.deepEqual(await asked(), [200, 'ok', { status: 'up', open: [], breakers: 2 }]);
    registry.for('mail').forceOpen();
    assert.deepEqual(await asked(), [200, 'ok', { status: 'up', open: ['mail'], breakers: 2 }]);
    registry.for('ledger').forceOpen();
    assert.deepEqual(await asked(), [503, 'error', { status: 'down', open: ['ledger', 'mail'], breakers: 2 }]);
    await app.close();
    const indicator = new BreakersHealthIndicator(new BreakerRegistry());
    assert.deepEqual(indicator.check('x', { degraded: true }), { x: { status: 'up', open: [], breakers: 0 } });
  });
});
