/** Which registry a decorated method finds: objects of every scope, before the start, and of several applications. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Controller, Get, Inject, Injectable, Module, Scope } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { LazyModuleLoader, ModuleRef } from '@nestjs/core';
import { CircuitBreaker, CircuitBreakerModule } from '@fusewire/nestjs';
import { BreakerRegistry } from 'fusewire';
import { create, listening, platforms } from './platforms.ts';

class Quotes {
  @CircuitBreaker('quotes')
  find(): Promise<string> {
    return Promise.resolve('1.5');
  }
}

@Injectable()
class Static extends Quotes {}

@Injectable({ scope: Scope.TRANSIENT })
class Transient extends Quotes {}

@Injectable({ scope: Scope.REQUEST })
class RequestScoped extends Quotes {}

const FROM_FACTORY = Symbol('quotes of a factory');

@Injectable()
class Holder {
  @Inject(Transient)
  readonly transient!: Transient;
}

@Controller()
class QuotesController {
  @Inject(RequestScoped)
  private readonly requestScoped!: RequestScoped;

  @Inject(FROM_FACTORY)
  private readonly fromFactory!: Quotes;

  @Get('class')
  ofClass(): Promise<string> {
    return this.requestScoped.find();
  }

  @Get('factory')
  ofFactory(): Promise<string> {
    return this.fromFactory.find();
  }
}

/** Calls its breaker while the application starts. */
@Injectable()
class WarmUp extends Quotes implements OnModuleInit {
  rate: string | undefined;

  async onModuleInit(): Promise<void> {
    this.rate = await this.find();
  }
}

@Module({ providers: [WarmUp] })
class DeepModule {}

@Module({ imports: [DeepModule] })
class BetweenModule {}

@Module({
  imports: [CircuitBreakerModule.forRoot({}), BetweenModule],
  controllers: [QuotesController],
  providers: [
    Static,
    Transient,
    RequestScoped,
    Holder,
    { provide: FROM_FACTORY, scope: Scope.REQUEST, useFactory: () => new Quotes() },
  ],
})
class AppModule {}

type Application = Awaited<ReturnType<typeof create>>;

const callsOf = (app: Application) => app.get(BreakerRegistry).get('quotes')?.getStats().totalRequests ?? 0;

/** Resolves with the number of calls that the breaker of an application counts while `run` runs. */
async function callsIn(app: Application, run: () => Promise<unknown>): Promise<number> {
  const before = callsOf(app);
  await run();
  return callsOf(app) - before;
}

describe('a decorated method', () => {
  it('has breakers in an application that nobody has initialised, as in a test of one service', async () => {
    const app = await create('Express', AppModule);
    assert.equal(await callsIn(app, () => app.get(Static).find()), 1);
    await app.close();
  });

  it('has breakers in onModuleInit of a module far below', async () => {
    const app = await create('Express', AppModule);
    await app.init();
    assert.equal(app.get(WarmUp).rate, '1.5');
    await app.close();
  });

  it('has breakers in a transient object, injected or resolved', async () => {
    const app = await create('Express', AppModule);
    await app.init();
    assert.equal(await callsIn(app, () => app.get(Holder).transient.find()), 1);
    const resolved = await app.resolve(Transient);
    assert.equal(await callsIn(app, () => resolved.find()), 1);
    await app.close();
  });

  it('has breakers in a module loaded later, and in an object that ModuleRef creates', async () => {
    class Later extends Quotes {}
    @Module({ providers: [Later], exports: [Later] })
    class LaterModule {}
    const app = await create('Express', AppModule);
    await app.init();
    const later = (await app.get(LazyModuleLoader).load(() => LaterModule)).get(Later);
    assert.equal(await callsIn(app, () => later.find()), 1);
    const created = await app.get(ModuleRef).create(Later);
    assert.equal(await callsIn(app, () => created.find()), 1);
    await app.close();
  });

  it('has no breakers of an application that failed to start', async () => {
    const app = await create('Express', AppModule);
    await app.init();
    @Module({ imports: [CircuitBreakerModule.forRoot({ retryAfter: 0, mount: { path: 'ops' } })] })
    class Invalid {}
    await assert.rejects(create('Express', Invalid));
    const resolved = await app.resolve(Transient);
    assert.equal(await callsIn(app, () => resolved.find()), 1);
    await app.close();
  });

  for (const platform of platforms) {
    it(`has the breakers of the application of its request, on ${platform}`, async () => {
      const apps = [await create(platform, AppModule), await create(platform, AppModule)] as const;
      const origins = [await listening(apps[0]), await listening(apps[1])];
      const [first, second] = apps;
      try {
        for (const path of ['class', 'factory']) {
          const ask = (origin?: string) => async () => assert.equal((await fetch(`${origin}/${path}`)).status, 200);
          assert.equal(await callsIn(first, ask(origins[0])), 1, path);
          assert.equal(await callsIn(second, ask(origins[1])), 1, path);
          assert.equal(await callsIn(second, ask(origins[0])), 0, path);
        }
        await second.close();
        assert.equal((await fetch(`${origins[0]}/class`)).status, 200);
      } finally {
        await Promise.all(apps.map((app) => app.close()));
      }
    });
  }
});
