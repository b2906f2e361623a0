import assert from 'node:assert/strict';
import { it } from 'node:test';
import { inspect } from 'node:util';
import { CallTimeoutError, CircuitBreaker, CircuitOpenError, timeout } from 'fusewire';
import { onEachBackend, rejection, runScript } from './support.ts';

/** An error with the request in it, as clients for HTTP throw it. */
class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly code = 'ERR_BAD_RESPONSE';
  readonly status = 503;
  readonly config = { headers: { Authorization: 'Bearer s3cr3t' } };
  readonly response = { data: 's3cr3t body' };
}

onEachBackend('The last error of a breaker', (backend) => {
  async function openedBy(error: unknown) {
    const breaker = new CircuitBreaker({ backend, failureThreshold: 1 });
    let thrown: unknown;
    // The error may be one that no promise can resolve with.
    await breaker.execute(() => Promise.reject(error)).catch((reason: unknown) => void (thrown = reason));
    const openError = await rejection(breaker.execute(() => 1));
    assert.ok(openError instanceof Error);
    return { thrown, openError, cause: openError.cause, lastError: breaker.getStats().lastError };
  }

  it('shows no credentials and no bodies, at any depth', async () => {
    const error = new Error('first', { cause: new Error('second', { cause: new ClientError('third') }) });
    for (const failure of [new ClientError('failed'), error]) {
      const { openError, lastError } = await openedBy(failure);
      for (const value of [openError, lastError]) {
        assert.doesNotMatch(inspect(value, { depth: 20, showHidden: true }), /s3cr3t/);
        assert.doesNotMatch(JSON.stringify(value), /s3cr3t/);
      }
    }
  });

  it('keeps the class, the message, the code, the status and the causes', async () => {
    const failure = new ClientError('failed', { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) });
    const { thrown, cause, lastError } = await openedBy(failure);
    assert.equal(thrown, failure);
    assert.deepEqual(lastError, { name: 'ClientError', code: 'ERR_BAD_RESPONSE', message: 'failed' });
    assert.ok(cause instanceof ClientError);
    assert.deepEqual(
      [cause.name, cause.message, cause.code, cause.status, String(cause), (cause.cause as { code: string }).code],
      ['ClientError', 'failed', 'ERR_BAD_RESPONSE', 503, 'ClientError: failed', 'ECONNRESET'],
    );
    assert.match(inspect(cause), /ClientError: failed/);
  });

  it('has a summary in the stats, in one line and without credentials', async () => {
    const messages: Record<string, string> = {
      'connect postgres://user:s3cr3t@db:5432/orders': 'connect postgres://…@db:5432/orders',
      'GET https://api.test/v1?key=s3cr3t failed': 'GET https://api.test/v1?… failed',
      'header Authorization: Bearer s3cr3t.a-b_c was refused': 'header Authorization: Bearer … was refused',
      'login failed: password=hunter2, user=ana': 'login failed: password=…, user=ana',
      'refused {"api_key": "0123456789abcdef"}': 'refused {"api_key": "…"}',
      'token: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc expired': 'token: … expired',
      'the key sk-live-0123456789abcdef is revoked': 'the key … is revoked',
      'AKIAIOSFODNN7EXAMPLE has no rights': '… has no rights',
      'unexpected token in JSON': 'unexpected token in JSON',
      'first line\n\tsecond line': 'first line second line',
      ['m'.repeat(500)]: `${'m'.repeat(200)}…`,
    };
    for (const [message, expected] of Object.entries(messages)) {
      const { openError, lastError } = await openedBy(new Error(message));
      assert.deepEqual(lastError, { name: 'Error', code: null, message: expected });
      assert.ok(openError instanceof CircuitOpenError && openError.message.includes(`last error: Error: ${expected};`));
      assert.equal(openError.why?.lastError, `Error: ${expected}`);
    }
    assert.equal((await openedBy('down')).lastError?.message, 'down');
  });

  it('is not among the enumerable properties of the rejection', async () => {
    const { openError } = await openedBy(new ClientError('s3cr3t'.slice(0, 2)));
    assert.deepEqual(Object.keys(openError).includes('cause'), false);
    assert.equal(JSON.stringify({ ...openError }).includes('ClientError'), false);
  });

  it('shortens long messages', async () => {
    const { cause } = await openedBy(new Error('m'.repeat(5_000)));
    assert.equal((cause as Error).message, `${'m'.repeat(1_000)}…`);
    assert.equal((await openedBy('s'.repeat(5_000))).cause, `${'s'.repeat(1_000)}…`);
  });

  it('keeps a timeout, and recognizes one with a cause', async () => {
    const { cause } = await openedBy(await rejection(timeout(1).execute(() => new Promise(() => undefined))));
    assert.ok(cause instanceof CallTimeoutError);
  });

  it('copes with values that are no errors, with cycles and with errors that throw', async () => {
    const cyclic = new Error('cyclic');
    cyclic.cause = cyclic;
    const { proxy, revoke } = Proxy.revocable(new Error('revoked'), {});
    revoke();
    const getter = Object.defineProperty(new Error('getter'), 'code', {
      get() {
        throw new Error('no code');
      },
    });
    const failures = [{ body: 's3cr3t' }, () => 's3cr3t', cyclic, getter, proxy, new DOMException('dom', 'DataError')];
    for (const failure of failures) {
      const { cause } = await openedBy(failure);
      assert.ok(cause instanceof Error);
      assert.doesNotMatch(inspect(cause, { depth: 20, showHidden: true }), /s3cr3t/);
    }
    for (const failure of [null, 0, false, 'text']) assert.equal((await openedBy(failure)).cause, failure);
  });

  it('does not keep the error alive', () => {
    const { stdout, stderr } = runScript(
      `import { CircuitBreaker } from 'fusewire';
      const breaker = new CircuitBreaker({ backend: '${backend}', failureThreshold: 1 });
      let body = { data: 'x' };
      const reference = new WeakRef(body);
      await breaker.execute(() => { throw Object.assign(new Error('failed'), { response: body }); }).catch(() => {});
      await breaker.execute(() => 1).catch(() => {});
      body = undefined;
      for (let turn = 0; turn < 20 && reference.deref() !== undefined; turn++) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        gc();
      }
      console.log(reference.deref() === undefined ? 'collected' : 'alive', breaker.getStats().lastError.message);`,
      '--expose-gc',
    );
    assert.equal(stdout, 'collected failed', stderr);
  });
});
