/** Decorated methods, of objects of every scope. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Controller, Get, Inject, Injectable, Module, Scope, SetMetadata } from '@nestjs/common';
import { BreakerRegistry, CircuitBreaker as Breaker, isRejection, pipeline, retry } from 'fusewire';
import type { CircuitBreaker as BreakerType } from 'fusewire';
import {
  bindBreakers,
  callSignal,
  CircuitBreaker,
  CircuitBreakerModule,
  Fallback,
  getBreakerToken,
  InjectBreaker,
  InjectRegistry,
  Protected,
} from '@fusewire/nestjs';
import { firstValueFrom, Observable, of, throwError, toArray } from 'rxjs';
import { create, listening } from './platforms.ts';

const down = () => Promise.reject(new Error('down'));
const errorOf = (call: Promise<unknown>) =>
  call.then(
    () => assert.fail('it resolved'),
    (error: unknown) => error,
  );

@Injectable()
class Payments {
  rate = 1.5;
  attempts = 0;

  @CircuitBreaker('payments', { failureThreshold: 2, resetTimeout: 30_000 })
  charge(amount: number): Promise<number> {
    this.attempts++;
    return amount < 0 ? down() : Promise.resolve(amount * this.rate);
  }

  @SetMetadata('mine', 7)
  @CircuitBreaker('sync')
  sync(): Promise<number> {
    throw new Error(`thrown by ${this.rate}`);
  }

  @Fallback('lastKnown')
  @CircuitBreaker('quotes', { failureThreshold: 1 })
  quote(currency: string): Promise<string> {
    return Promise.reject(new Error(`no ${currency}`));
  }

  // The order of the decorators does not matter.
  @CircuitBreaker('other quotes', { failureThreshold: 1 })
  @Fallback((error, currency) => `${currency}: ${(error as Error).name}`)
  otherQuote(_currency: string): Promise<string> {
    return down();
  }

  lastKnown(error: unknown, currency: string): string {
    return `${currency} at ${this.rate}: ${isRejection(error) ? 'rejected' : (error as Error).message}`;
  }

  @Protected((registry) => pipeline([retry({ attempts: 3, delay: 1 }), registry.for('retried')]))
  retried(): Promise<number> {
    this.attempts++;
    return this.attempts < 3 ? down() : Promise.resolve(this.attempts);
  }

  @Protected(pipeline([retry({ attempts: 2, delay: 1 })]))
  alone(): Promise<number> {
    return Promise.resolve(1);
  }

  @CircuitBreaker('stream', { failureThreshold: 1, observable: true })
  stream(fails: boolean): Observable<number> {
    return fails ? throwError(() => new Error('down')) : of(1, 2, 3);
  }

  @Fallback(() => of(0))
  @CircuitBreaker('other stream', { observable: true })
  otherStream(): Observable<number> {
    return throwError(() => new Error('down'));
  }

  @CircuitBreaker('hanging', { timeout: 20 })
  async hanging(): Promise<string> {
    const signal = callSignal();
    return new Promise((resolve) => signal?.addEventListener('abort', () => resolve('aborted')));
  }

  @CircuitBreaker('named')
  named(_one: number, _two: string): Promise<void> {
    return Promise.resolve();
  }
}

@Injectable({ scope: Scope.REQUEST })
class RequestScoped {
  @CircuitBreaker('per request', { failureThreshold: 2 })
  call(): Promise<never> {
    return down();
  }
}

@Controller()
class RequestsController {
  readonly #service: RequestScoped;

  constructor(@Inject(RequestScoped) service: RequestScoped) {
    this.#service = service;
  }

  @Get('call')
  call(): Promise<never> {
    return this.#service.call();
  }
}

@Injectable()
class Orders {
  readonly breaker: BreakerType;
  readonly registry: BreakerRegistry;

  constructor(@InjectBreaker('orders') breaker: BreakerType, @InjectRegistry() registry: BreakerRegistry) {
    this.breaker = breaker;
    this.registry = registry;
  }
}

const FROM_FACTORY = Symbol('payments of a factory');

@Module({
  imports: [
    CircuitBreakerModule.forRootAsync({
      useFactory: (timeout: number) => ({ defaults: { timeout } }),
      inject: ['timeout'],
      imports: [
        { module: class TimeoutModule {}, providers: [{ provide: 'timeout', useValue: 50 }], exports: ['timeout'] },
      ],
    } as Parameters<typeof CircuitBreakerModule.forRootAsync>[0]),
    CircuitBreakerModule.forFeature([{ name: 'orders', failureThreshold: 7 }]),
  ],
  controllers: [RequestsController],
  providers: [Orders, Payments, RequestScoped, { provide: FROM_FACTORY, useFactory: () => new Payments() }],
})
class AppModule {}

async function withApplication(test: (app: Awaited<ReturnType<typeof create>>, payments: Payments) => Promise<void>) {
  const app = await create('Express', AppModule);
  await app.init();
  try {
    await test(app, app.get(Payments));
  } finally {
    await app.close();
  }
}

describe('@CircuitBreaker()', () => {
  it('protects a method with its live object, and rejects calls while the circuit is open', () =>
    withApplication(async (_app, payments) => {
      payments.rate = 2;
      assert.equal(await payments.charge(21), 42);
      for (let count = 0; count < 2; count++) await errorOf(payments.charge(-1));
      assert.ok(isRejection(await errorOf(payments.charge(21))));
      assert.equal(payments.attempts, 3);
    }));

  it('gives a factory and a class one breaker, and each application one of its own', () =>
    withApplication(async (app, payments) => {
      const other: Payments = app.get(FROM_FACTORY);
      await errorOf(payments.charge(-1));
      await errorOf(other.charge(-1));
      assert.ok(isRejection(await errorOf(payments.charge(1))));
      await withApplication(async (_other, others) => assert.equal(await others.charge(2), 3));
      assert.ok(isRejection(await errorOf(payments.charge(1))));
    }));

  it('protects objects that are created for each request', async () => {
    const app = await create('Express', AppModule);
    const origin = await listening(app);
    const statuses = [];
    for (let sent = 0; sent < 4; sent++) statuses.push((await fetch(`${origin}/call`)).status);
    await app.close();
    assert.deepEqual(statuses, [500, 500, 503, 503]);
  });

  it('turns what a method throws into a rejected promise', () =>
    withApplication(async (_app, payments) => {
      assert.equal(((await errorOf(payments.sync())) as Error).message, 'thrown by 1.5');
    }));

  it('keeps the metadata, the name and the number of parameters of the method', () => {
    assert.equal(Reflect.getMetadata('mine', Payments.prototype.sync), 7);
    assert.deepEqual([Payments.prototype.named.name, Payments.prototype.named.length], ['named', 2]);
  });

  it('gives the method the signal of its call', () =>
    withApplication(async (_app, payments) => {
      assert.equal(((await errorOf(payments.hanging())) as Error).name, 'CallTimeoutError');
      assert.equal(callSignal(), undefined);
    }));

  it('counts each subscription of an Observable as a call', () =>
    withApplication(async (app, payments) => {
      const registry = app.get(BreakerRegistry);
      const stream = payments.stream(false);
      assert.deepEqual(await firstValueFrom(stream.pipe(toArray())), [1, 2, 3]);
      await firstValueFrom(stream);
      const { totalSuccesses, totalIgnored } = registry.for('stream').getStats();
      // The second subscriber left after the first value, although the Observable was complete by then.
      assert.equal(totalSuccesses + totalIgnored, 2);
      await errorOf(firstValueFrom(payments.stream(true)));
      assert.ok(isRejection(await errorOf(firstValueFrom(payments.stream(false)))));
    }));

  it('takes the breakers that a test binds', async () => {
    const registry = new BreakerRegistry();
    assert.equal(await bindBreakers(new Payments(), registry).charge(2), 3);
    assert.equal(registry.get('payments')?.getStats().totalSuccesses, 1);
  });

  it('refuses what is no method', () => {
    assert.throws(() => CircuitBreaker('x')({}, 'getter', {}), /getter is no method/);
    assert.throws(() => CircuitBreaker('x')({}, 'field', undefined as never), /field is no method/);
  });
});

describe('@Fallback()', () => {
  it('answers failures and rejections with a method of the object, or a function', () =>
    withApplication(async (_app, payments) => {
      assert.equal(await payments.quote('KES'), 'KES at 1.5: no KES');
      assert.equal(await payments.quote('KES'), 'KES at 1.5: rejected');
      assert.equal(await payments.otherQuote('KES'), 'KES: Error');
      assert.equal(await payments.otherQuote('KES'), 'KES: CircuitOpenError');
      assert.equal(await firstValueFrom(payments.otherStream()), 0);
    }));
});

describe('@Protected()', () => {
  it('puts a pipeline around a method', () =>
    withApplication(async (app, payments) => {
      assert.equal(await payments.retried(), 3);
      assert.equal(app.get(BreakerRegistry).get('retried')?.getStats().totalFailures, 2);
      assert.equal(await payments.alone(), 1);
    }));
});

describe('CircuitBreakerModule', () => {
  it('injects breakers of features, with the defaults of the module', () =>
    withApplication(async (app) => {
      const orders: BreakerType = app.get(getBreakerToken('orders'));
      assert.ok(orders instanceof Breaker);
      const { breaker, registry } = app.get(Orders);
      assert.deepEqual([breaker === orders, registry === app.get(BreakerRegistry)], [true, true]);
      assert.equal(registry.get('orders'), orders);
      const error = await errorOf(orders.execute(() => new Promise(() => undefined)));
      assert.match((error as Error).message, /orders timeout after 50ms/);
    }));

  it('disposes the breakers of its own registry when the application is closed', async () => {
    const app = await create('Express', AppModule);
    await app.init();
    const orders: BreakerType = app.get(getBreakerToken('orders'));
    await app.close();
    assert.equal(orders.disposed, true);
  });

  it('reports invalid options at start-up', async () => {
    for (const options of [{ retryAfter: 0 }, { management: { bodyBytes: 0 } }]) {
      @Module({ imports: [CircuitBreakerModule.forRoot({ ...options, mount: { path: 'ops' } })] })
      class Invalid {}
      await assert.rejects(
        create('Express', Invalid).then((app) => app.init()),
        /ERR_OPTIONS|must be/,
      );
    }
  });
});
