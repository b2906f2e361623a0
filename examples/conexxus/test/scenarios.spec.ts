/** The four manual scenarios of the document, and the scenario that `npm run conexxus` runs. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fail, Lines, newDatabase, rowsOf, start } from './support.ts';
import { createApp } from '../src/app.ts';

describe('Manual scenarios', () => {
  it('1: the circuit opens after five failures of the API, and further calls fail fast', async (t) => {
    const started = await start(t);
    await fail(started, 5);
    assert.equal(started.conexxus.getCircuitBreakerStats().state, 'OPEN');
    const errors = await fail(started, 100);
    assert.ok(errors.every(({ message }) => message === 'Circuit breaker is OPEN'));
    assert.equal(started.upstream.requests, 5);
  });

  it('2: after a minute the circuit attempts recovery, and successful requests close it', async (t) => {
    const started = await start(t, {}, { now: Date.now() });
    await fail(started, 5);
    started.minuteLater();
    assert.equal(started.conexxus.getCircuitBreakerStats().state, 'HALF_OPEN');
    started.upstream.behaviour = 'healthy';
    for (let call = 0; call < 2; call++) await started.conexxus.syncInventory();
    assert.equal(started.conexxus.getCircuitBreakerStats().state, 'CLOSED');
  });

  it('3: a failed synchronisation is in EventLog, with its details', async (t) => {
    const started = await start(t);
    await fail(started, 1);
    const [row] = await rowsOf(started);
    assert.equal(row?.eventType, 'conexxus.sync.failed.fetch_inventory');
    const { operation, error, stack, circuitBreakerState } = row.payload as Record<string, string>;
    assert.deepEqual(
      [operation, error, circuitBreakerState],
      [...['fetch_inventory', 'Request failed with status code 500', 'CLOSED']],
    );
    assert.match(String(stack), /^AxiosError/);
  });

  it('4: with an invalid URL the application does not start, and says why', async () => {
    const variables = {
      DATABASE_URL: newDatabase(),
      CONEXXUS_API_URL: 'https://example.com',
      CONEXXUS_API_KEY: '0123456789',
    };
    await assert.rejects(createApp({ variables, logger: new Lines() }), {
      message: 'Conexxus configuration errors: CONEXXUS_API_URL points to example domain',
    });
  });
});

describe('npm run conexxus', () => {
  it('runs its scenario to the end, and every check holds', async () => {
    const child = spawn(process.execPath, [path.join(import.meta.dirname, '../scenario/main.js')]);
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    const code = await new Promise((resolve) => child.once('close', resolve));
    assert.equal(code, 0, output);
    assert.match(output, /all checks hold/);
  });
});
