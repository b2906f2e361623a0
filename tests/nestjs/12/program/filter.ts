/** Errors that are refusals, and errors that are none, on both platforms. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Catch, Controller, Get, HttpException, Module, Param } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { CircuitBreakerModule } from '@fusewire/nestjs';
import { CircuitBreaker, retry } from 'fusewire';
import { create, listening, platforms } from './platforms.ts';

const held = new CircuitBreaker({ name: 'held' });
held.forceOpen();
const refused = () => held.execute(() => 1);
const twice = retry({ attempts: 2, delay: 0, exhausted: 'all-errors', retryIf: () => true });

const works: Record<string, () => Promise<unknown>> = {
  refused,
  'all-refused': () => twice.execute(refused),
  'all-failed': () => twice.execute(() => Promise.reject(new Error('down'))),
  wrapped: () =>
    refused().catch((cause: unknown) => {
      throw new Error('orders cannot be read', { cause });
    }),
  'own-status': () =>
    refused().catch((cause: unknown) => {
      throw new HttpException('no', 418, { cause });
    }),
};

@Controller()
class WorkController {
  @Get('work/:kind')
  work(@Param('kind') kind: string): Promise<unknown> | undefined {
    return works[kind]?.();
  }
}

@Module({ imports: [CircuitBreakerModule.forRoot({})], controllers: [WorkController] })
class AppModule {}

/** Filter of an application, for everything that is no refusal. */
@Catch()
class Everything implements ExceptionFilter {
  catch(error: Error, host: ArgumentsHost): void {
    host.switchToHttp().getResponse().status(500).send({ seen: error.name });
  }
}

for (const platform of platforms) {
  describe(`RefusalFilter on ${platform}`, () => {
    it('answers refusals, and leaves all other errors to NestJS', async () => {
      const app = await create(platform, AppModule);
      const origin = await listening(app);
      const statuses: Record<string, number> = {};
      try {
        for (const kind of Object.keys(works)) {
          const signal = AbortSignal.timeout(5_000);
          statuses[kind] = (await fetch(`${origin}/work/${kind}`, { signal })).status;
        }
      } finally {
        await app.close();
      }
      const expected = { refused: 503, 'all-refused': 503, 'all-failed': 500, wrapped: 500, 'own-status': 418 };
      assert.deepEqual(statuses, expected);
    });

    it('leaves errors that are no refusals to the filters of the application', async () => {
      @Module({ imports: [AppModule], providers: [{ provide: APP_FILTER, useClass: Everything }] })
      class WithFilter {}
      const app = await create(platform, WithFilter);
      const origin = await listening(app);
      try {
        const response = await fetch(`${origin}/work/all-failed`, { signal: AbortSignal.timeout(5_000) });
        assert.deepEqual(await response.json(), { seen: 'RetriesExhaustedError' });
      } finally {
        await app.close();
      }
    });
  });
}
