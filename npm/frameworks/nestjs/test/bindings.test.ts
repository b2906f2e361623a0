import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NestFactory } from '@nestjs/core';
import { bindBreakers, CircuitBreaker, CircuitBreakerModule } from '@fusewire/nestjs';
import { BreakerRegistry } from 'fusewire';

class Quotes {
  find(): Promise<string> {
    return Promise.resolve('1.5');
  }
}

// Node runs no decorators.
const descriptor = Object.getOwnPropertyDescriptor(Quotes.prototype, 'find') as PropertyDescriptor;
CircuitBreaker('quotes')(Quotes.prototype, 'find', descriptor);
Object.defineProperty(Quotes.prototype, 'find', descriptor);

const noBreakers = /Quotes has no breakers: import CircuitBreakerModule\.forRoot\(\).*bindBreakers/;

describe('a decorated method', () => {
  it('throws an error that names the module, and bindBreakers(), where there is no application', async () => {
    assert.throws(() => new Quotes().find(), noBreakers);
    assert.equal(await bindBreakers(new Quotes(), new BreakerRegistry()).find(), '1.5');
  });

  it('has the breakers of the newest application that is open, if no application has created its object', async () => {
    const [older, newer] = [new BreakerRegistry(), new BreakerRegistry()];
    const start = (registry: BreakerRegistry) =>
      NestFactory.createApplicationContext(CircuitBreakerModule.forRoot({ registry }), { logger: false });
    const first = await start(older);
    const second = await start(newer);
    await new Quotes().find();
    await second.close();
    await new Quotes().find();
    await first.close();
    const callsOf = (registry: BreakerRegistry) => registry.get('quotes')?.getStats().totalSuccesses;
    assert.deepEqual([callsOf(older), callsOf(newer)], [1, 1]);
    assert.throws(() => new Quotes().find(), noBreakers);
  });
});
