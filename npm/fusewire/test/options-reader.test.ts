import assert from 'node:assert/strict';
import { it } from 'node:test';
import { OptionsError, rateLimit, readOptions } from 'fusewire';

const FROM_100 = 'a number of milliseconds from 100 to 2147483647';

it('milliseconds() accepts a time from its lower bound on', () => {
  const reader = readOptions('Parcel', 'small', { soon: 1, later: 100, last: 2_147_483_647 });
  assert.equal(reader.milliseconds('soon'), 1);
  assert.equal(reader.milliseconds('later', 100), 100);
  assert.equal(reader.milliseconds('last', 0), 2_147_483_647);
  assert.equal(reader.milliseconds('never', 100), undefined);
  assert.equal(reader.finish(), 'small');
});

it('finish() reports every time out of range at once, with its bounds', () => {
  const reader = readOptions('Parcel', 'small', { soon: 0, later: 99, last: 2_147_483_648, word: '5' });
  reader.milliseconds('soon');
  reader.milliseconds('later', 100);
  reader.milliseconds('last', 100);
  reader.milliseconds('word', 100);
  assert.throws(
    () => reader.finish(),
    (error: Error) => {
      assert.ok(error instanceof OptionsError);
      assert.equal(
        error.message,
        'Parcel small: soon must be a number of milliseconds from 1 to 2147483647, got 0; ' +
          `later must be ${FROM_100}, got 99; last must be ${FROM_100}, got 2147483648; word must be ${FROM_100}, got a string`,
      );
      return true;
    },
  );
});

it('a policy whose lower bound is 0 names it in the error', () => {
  assert.throws(() => rateLimit({ limit: 1, per: 1_000, maxWait: -1 } as never), {
    message: /maxWait must be a number of milliseconds from 0 to 2147483647, got -1/,
  });
});
