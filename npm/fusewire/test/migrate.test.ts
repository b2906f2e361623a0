import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { rewriteSource } from '../src/migrate/rewrite.ts';

const cli = path.join(path.dirname(createRequire(import.meta.url).resolve('fusewire/package.json')), 'dist/cli.cjs');

const BEFORE = `import { adaptive, isCircuitOpenError, pipeline, throttle, type ThrottleOptions } from 'fusewire';
import { isConfigurationError } from '@fusewire/profiles';
import { RateLimitError } from '@fusewire/http';

// throttle stays in comments, and 'ECIRCUITOPEN' is replaced in strings only.
const options: ThrottleOptions = { minimumRequests: 3 };
export const orders = pipeline({ throttle: { minimumRequests: 3 }, bulkhead: { limit: 2, queueTimeout: 5 } });
export const shedding = throttle(options);
const mine = { throttle: 1 };
if (!isCircuitOpenError(error(1, (2))) && mine.throttle) throw error;
if (error.code === 'ECIRCUITOPEN' || isConfigurationError(error) || error instanceof RateLimitError) adaptive(orders);
`;

const AFTER = `import { adaptive } from 'fusewire/adaptive';
import { CircuitOpenError, pipeline, shedLoad, type ShedLoadOptions } from 'fusewire';
import { ConfigurationError } from '@fusewire/profiles';
import { TooManyRequestsError } from '@fusewire/http';

// throttle stays in comments, and 'ERR_CIRCUIT_OPEN' is replaced in strings only.
const options: ShedLoadOptions = { minimumRequests: 3 };
export const orders = pipeline({ shedLoad: { minimumCalls: 3 }, bulkhead: { limit: 2, maxWait: 5 } });
export const shedding = shedLoad(options);
const mine = { throttle: 1 };
if (!(error(1, (2)) instanceof CircuitOpenError) && mine.throttle) throw error;
if (error.code === 'ERR_CIRCUIT_OPEN' || (error instanceof ConfigurationError) || error instanceof TooManyRequestsError) adaptive(orders);
`;

describe('fusewire migrate', () => {
  it('renames imports, their uses, options in calls, codes and guards', () => {
    assert.equal(rewriteSource(BEFORE).text, AFTER);
  });

  it('changes nothing the second time', () => {
    assert.equal(rewriteSource(AFTER).changes, 0);
  });

  it('leaves files alone that import none of our packages', () => {
    const foreign = "import { throttle } from 'lodash';\nthrottle({ interval: 3 });\n";
    assert.deepEqual(rewriteSource(foreign), { text: foreign, changes: 0, notes: [] });
  });

  it('renames what require returns', () => {
    const { text } = rewriteSource("const { throttle, queued } = require('fusewire');\nthrottle(queued);\n");
    assert.equal(
      text,
      "const { shedLoad } = require('fusewire');\nconst { queued } = require('fusewire/queue');\nshedLoad(queued);\n",
    );
  });

  it('says which lines only their author can change', () => {
    const { notes } = rewriteSource("import { CircuitBreaker } from 'fusewire';\n\nbreaker.wrap(fetchUser);\n");
    assert.deepEqual(notes, [
      { line: 3, advice: 'a wrapped function receives the context of the call before its arguments' },
    ]);
  });

  it('points to retries and hedges that do not say whether their work may run twice', () => {
    const { notes } = rewriteSource(`import { hedge, pipeline, retry } from 'fusewire';
      pipeline([retry(3), hedge({ delay: 5 })]);
      pipeline({ retry: 3, hedge: 100 });
      pipeline([retry({ attempts: 3, idempotent: true }), hedge({ delay: 5, idempotent: false })]);
      const judgement = { retry: true };
    `);
    assert.deepEqual(
      notes.map(({ line, advice }) => `${line} ${advice.slice(0, 7)}`),
      ['2 a hedge', '2 a retry', '3 a hedge', '3 a retry'],
    );
  });

  it('writes files only with --write', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'fusewire-migrate-'));
    const file = path.join(folder, 'orders.test.ts');
    writeFileSync(file, BEFORE);
    const run = (...args: string[]) => {
      const { stdout, stderr, status } = spawnSync(process.execPath, [cli, 'migrate', ...args, folder], {
        encoding: 'utf8',
      });
      assert.equal(status, 0, stderr);
      return stdout;
    };
    assert.match(run(), /1 files read, \d+ names to replace/);
    assert.equal(readFileSync(file, 'utf8'), BEFORE);
    assert.match(run('--write'), /orders\.test\.ts: \d+ replacements/);
    assert.equal(readFileSync(file, 'utf8'), AFTER);
  });
});
