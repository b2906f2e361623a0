/** The patch that adopts fusewire in the code that the document prints. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { EventLogSink } from '@fusewire/dialects/conexxus';
import { Upstream } from '../scenario/upstream.ts';
import { KEY, start } from './support.ts';

// This file runs in dist/test.
const example = path.join(import.meta.dirname, '../..');
const printed = path.join(example, '../../tests/dialects/fixtures/conexxus/before.ts');
const patch = path.join(example, 'adopting.patch');

interface Adopted {
  fetchInventoryItems(): Promise<unknown[]>;
  circuitBreaker: { getState(): string };
}

describe('The patch', () => {
  it('changes at most 30 lines', () => {
    const changed = readFileSync(patch, 'utf8').match(/^[+-](?![+-])/gm) ?? [];
    assert.ok(changed.length > 0 && changed.length <= 30, `${changed.length}`);
  });

  it('gives the printed client validation, retries, the circuit, and rows in the model of Prisma', async (t) => {
    const folder = path.join(example, 'dist/adopting');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const file = path.join(folder, 'conexxus-http.client.ts');
    copyFileSync(printed, file);
    execFileSync('git', ['apply', '--unsafe-paths', `--directory=${folder}`, patch], { cwd: '/' });
    const { ConexxusHttpClient } = (await import(file)) as { ConexxusHttpClient: new (sink: EventLogSink) => Adopted };

    const upstream = new Upstream(KEY);
    t.after(() => upstream.close());
    const { prisma } = await start(t);
    // The type of a model of Prisma fits, too.
    const eventLog: EventLogSink = prisma.eventLog;
    assert.throws(() => new ConexxusHttpClient(eventLog), /^ConfigurationError: Conexxus configuration errors: /);
    const variables = { CONEXXUS_API_URL: await upstream.listen(), CONEXXUS_API_KEY: KEY, CONEXXUS_RETRY_DELAY: '1' };
    Object.assign(process.env, variables);
    t.after(() => Object.keys(variables).forEach((name) => delete process.env[name]));
    const client = new ConexxusHttpClient(eventLog);
    assert.equal((await client.fetchInventoryItems()).length, 3);

    upstream.behaviour = 'failing';
    for (let call = 0; call < 5; call++) {
      await assert.rejects(client.fetchInventoryItems(), { message: 'Request failed with status code 500' });
    }
    assert.equal(client.circuitBreaker.getState(), 'OPEN');
    assert.equal(upstream.requests, 1 + 5 * 4);
    await assert.rejects(client.fetchInventoryItems(), { message: 'Circuit breaker is OPEN' });
    while ((await prisma.eventLog.count()) < 6) await new Promise((resolve) => setImmediate(resolve));
  });
});
