import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ArgumentsHost } from '@nestjs/common';
import { BreakerRegistry, CircuitBreaker } from 'fusewire';
import { CallTimeoutError } from 'fusewire/errors';
import { BreakersHealthIndicator, RefusalFilter } from '@fusewire/nestjs';

const held = new CircuitBreaker({ name: 'quotes' });
held.forceOpen();
const rejection = await held.execute(() => 1).catch((error: unknown) => error);

/** Returns the arguments of a handler of another transport than HTTP; those of HTTP and TCP have tests with real servers. */
function hostOf(type: string, client?: object): ArgumentsHost {
  return { getType: () => type, switchToWs: () => ({ getClient: () => client }) } as unknown as ArgumentsHost;
}

describe('RefusalFilter', () => {
  const filter = new RefusalFilter({} as never, {});

  it('emits the event exception to the client of a WebSocket', () => {
    const emitted: unknown[] = [];
    filter.catch(rejection, hostOf('ws', { emit: (...args: unknown[]) => emitted.push(args) }));
    const [[event, { status, problem }]] = emitted as [[string, { status: string; problem: { status: number } }]];
    assert.deepEqual([event, status, problem.status], ['exception', 'error', 503]);
  });

  it('throws an error with extensions in GraphQL, which has no name of a breaker', () => {
    for (const [error, extensions] of [
      [rejection, { code: 'CIRCUIT_OPEN', http: { status: 503 }, retryAfter: 10 }],
      [new CallTimeoutError('quotes', 5), { code: 'DEPENDENCY_TIMEOUT', http: { status: 504 } }],
    ]) {
      assert.throws(
        () => filter.catch(error, hostOf('graphql')),
        (thrown: Error & { extensions: object }) => {
          assert.deepEqual(thrown.extensions, extensions);
          return !thrown.message.includes('quotes');
        },
      );
    }
  });

  it('throws an error on that is no refusal', () => {
    const other = new Error('other');
    assert.throws(() => filter.catch(other, hostOf('http')), other);
  });
});

describe('BreakersHealthIndicator', () => {
  it('reports open circuits as degraded if it may, and critical ones as down', () => {
    const registry = new BreakerRegistry();
    const indicator = new BreakersHealthIndicator(registry);
    registry.create('quotes').forceOpen();
    const statusWith = (options?: object) => indicator.check('breakers', options).breakers.status;
    assert.deepEqual(
      [statusWith(), statusWith({ degraded: true }), statusWith({ degraded: true, critical: ['quotes'] })],
      ['up', 'degraded', 'down'],
    );
  });
});
