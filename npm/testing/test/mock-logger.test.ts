import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { CircuitBreaker as NerdGraph } from '@fusewire/dialects/nerdgraph';
import { CircuitBreaker } from 'fusewire';
import { createMockLogger, failWith, scripted } from '@fusewire/testing';

const NUMBERS = { failureThreshold: 1, successThreshold: 1, timeout: 0, retryDelay: 1_000, monitoringWindow: 1_000 };

test('a mock logger records the lines of a breaker in their order', async () => {
  const logger = createMockLogger();
  const breaker = new NerdGraph({ name: 'event-api', ...NUMBERS }, logger);
  await assert.rejects(breaker.execute(scripted([failWith(new Error('down'))])));
  assert.deepEqual(logger.lines, [
    { level: 'warn', message: 'event-api call failed: down', details: [] },
    { level: 'warn', message: "Circuit breaker 'event-api' opened", details: [] },
  ]);
  logger.clear();
  assert.deepEqual(logger.lines, []);
});

test('a mock logger is a logger of a breaker of fusewire', async () => {
  const logger = createMockLogger();
  const breaker = new CircuitBreaker({ name: 'orders', failureThreshold: 1, logger });
  await assert.rejects(breaker.execute(scripted([failWith()])));
  assert.equal(logger.lines.length, 1);
  assert.equal(logger.lines[0]?.level, 'warn');
});

test('a mock logger has the spies of the test runner, and records nevertheless', () => {
  const logger = createMockLogger((record) => mock.fn(record));
  logger.error('a report was not sent', 503);
  assert.deepEqual(logger.error.mock.calls[0]?.arguments, ['a report was not sent', 503]);
  assert.equal(logger.info.mock.callCount(), 0);
  assert.deepEqual(logger.lines, [{ level: 'error', message: 'a report was not sent', details: [503] }]);
});

test('a mock logger rejects what makes no spies', () => {
  for (const wrong of [null, {}, 'vi.fn', () => 'no function']) {
    assert.throws(() => createMockLogger(wrong as never), /^TypeError: createMockLogger takes a function/);
  }
});
