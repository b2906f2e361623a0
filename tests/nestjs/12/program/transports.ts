/** Rejected calls of microservices, over TCP. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Controller, Inject, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientProxyFactory, MessagePattern, Transport } from '@nestjs/microservices';
import { CircuitBreakerModule } from '@fusewire/nestjs';
import { BreakerRegistry } from 'fusewire';
import { firstValueFrom } from 'rxjs';
import { freePort } from '../../../runtimes/free-port.ts';

@Controller()
class QuotesController {
  readonly #breakers: BreakerRegistry;

  constructor(@Inject(BreakerRegistry) breakers: BreakerRegistry) {
    this.#breakers = breakers;
  }

  @MessagePattern('quote')
  quote(): Promise<string> {
    this.#breakers.for('quotes').forceOpen();
    return this.#breakers.for('quotes').execute(() => 'never');
  }
}

@Module({ imports: [CircuitBreakerModule.forRoot({})], controllers: [QuotesController] })
class AppModule {}

describe('RefusalFilter', () => {
  it('answers a message with an error that has the problem document', async () => {
    const options = { host: '127.0.0.1', port: await freePort() };
    const app = await NestFactory.createMicroservice(AppModule, { transport: Transport.TCP, options, logger: false });
    await app.listen();
    const client = ClientProxyFactory.create({ transport: Transport.TCP, options });
    const error = await firstValueFrom(client.send('quote', {})).then(
      () => assert.fail('it resolved'),
      (reason: { status: string; problem: { status: number; retryAfter: number } }) => reason,
    );
    client.close();
    await app.close();
    assert.deepEqual([error.status, error.problem.status, error.problem.retryAfter], ['error', 503, 10]);
  });
});
