import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failWith, hang, scripted, succeed, times } from '@fusewire/testing';

test('scripted() answers each call with the next step', async () => {
  const down = new Error('down');
  const dependency = scripted([succeed(1), failWith(down), times(2, succeed(2))]);
  assert.equal(dependency.remaining, 4);
  assert.equal(await dependency('a', 'b'), 1);
  await assert.rejects(dependency(), (error) => error === down);
  assert.equal(await dependency(), 2);
  assert.equal(dependency.remaining, 1);
  assert.deepEqual(dependency.calls, [
    { arguments: ['a', 'b'], outcome: 'succeeded' },
    { arguments: [], outcome: 'failed' },
    { arguments: [], outcome: 'succeeded' },
  ]);
});

test('scripted() rejects, repeats or cycles after the last step', async () => {
  const throwing = scripted([succeed(1)]);
  await throwing();
  await assert.rejects(throwing(), { message: 'The script has 1 steps, and this is call 2' });
  const repeating = scripted([succeed(1), succeed(2)], { afterwards: 'repeat' });
  const cycling = scripted([succeed(1), succeed(2)], { afterwards: 'cycle' });
  const take = async (dependency: () => Promise<number>) => [
    await dependency(),
    await dependency(),
    await dependency(),
  ];
  assert.deepEqual(await take(repeating), [1, 2, 2]);
  assert.deepEqual(await take(cycling), [1, 2, 1]);
});

test('hang() rejects when the signal of the call aborts', async () => {
  const dependency = scripted([hang()]);
  const controller = new AbortController();
  const call = dependency({ signal: controller.signal });
  controller.abort(new Error('enough'));
  await assert.rejects(call, /enough/);
  assert.deepEqual(
    dependency.calls.map((call) => call.outcome),
    ['aborted'],
  );
});

test('scripted() does not read the signal for a step without a delay', async () => {
  const context = {
    get signal(): AbortSignal {
      throw new Error('the signal was read');
    },
  };
  assert.equal(await scripted([succeed(1)])(context), 1);
});

test('scripted() rejects invalid scripts, steps and options', () => {
  const message = /scripted takes a list of at least one step/;
  assert.throws(() => scripted([]), message);
  for (const script of [undefined, null, 'ok', {}]) assert.throws(() => scripted(script as never), message);
  for (const step of ['ok', null, { after: 0, settle: 'ok' }]) assert.throws(() => scripted([step as never]), message);
  assert.throws(() => times('s3cr3t' as never, succeed(1)), /from 0, got a value of type string$/);
  assert.throws(() => times(1.5, succeed(1)), /times takes a whole number from 0, got 1.5/);
  assert.throws(() => succeed(1, { after: -1 }), /Step succeed: after must be a number of milliseconds from 0/);
  assert.throws(
    () => scripted([hang()], { afterwards: 'stop' as 'throw', other: 1 } as object),
    (error: Error) => {
      assert.match(error.message, /afterwards must be 'throw' or 'repeat' or 'cycle', got "stop"/);
      assert.match(error.message, /other is not an option/);
      return true;
    },
  );
});
