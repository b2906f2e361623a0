import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BreakerRegistry, OptionsError } from 'fusewire';
import { managementRouter, refusals } from '@fusewire/express';
import { served } from './support.ts';

const authorize = () => ({ who: 'operator' });

describe('managementRouter()', () => {
  it('answers under the path of app.use(), and under several', async (test) => {
    const registry = new BreakerRegistry();
    registry.create('orders');
    const router = managementRouter({ registry, authorize });
    test.after(() => router.close());
    const origin = await served(test, (app) => {
      app.use('/ops', router);
      app.use('/internal/breakers', router);
    });
    for (const path of ['/ops', '/internal/breakers']) {
      const response = await fetch(`${origin}${path}/breakers/orders`);
      assert.equal(response.status, 200);
      assert.equal(((await response.json()) as { name: string }).name, 'orders');
    }
  });

  it('makes no more than ten handlers, however many paths clients ask for', async (test) => {
    const registry = new BreakerRegistry();
    const origin = await served(test, (app) => app.use('/:tenant/ops', managementRouter({ registry, authorize })));
    const statuses = [];
    for (let tenant = 0; tenant < 15; tenant++) statuses.push((await fetch(`${origin}/${tenant}/ops/breakers`)).status);
    assert.deepEqual(statuses, [...Array(10).fill(200), ...Array(5).fill(404)]);
  });

  it('hands a path that no management API can have to the error middleware', async (test) => {
    const registry = new BreakerRegistry();
    const origin = await served(test, (app) => {
      app.use('/:tenant/ops', managementRouter({ registry, authorize }));
      app.use((_error: unknown, _request: unknown, response: { sendStatus(status: number): void }, _next: unknown) => {
        response.sendStatus(418);
      });
    });
    assert.equal((await fetch(`${origin}/a%20b/ops/breakers`)).status, 418);
  });

  it('reports invalid options at once', () => {
    assert.throws(() => managementRouter({ registry: 5 } as never), OptionsError);
    assert.throws(() => refusals({ retryAfter: 0 }), OptionsError);
  });
});
