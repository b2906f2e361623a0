import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { scoreOf, statusOf } from '@fusewire/operations/health';
import type { ScoredPart } from '@fusewire/operations/health';

const part = fc.record({
  share: fc.constantFrom(0, 0.5, 1),
  weight: fc.double({ min: 0, max: 1_000_000, noNaN: true }),
  critical: fc.boolean(),
});

/** Seed of the parts: the same in every run. */
const SEED = 20_261_130;

describe('scoreOf()', () => {
  it('has the values of the campaign document', () => {
    const shares = { database: 1, n8n: 1, external: 1, rateLimiting: 1 };
    const weights = { database: 45, n8n: 35, external: 15, rateLimiting: 5 };
    const scored = (down: Partial<typeof shares>) =>
      scoreOf(
        Object.entries({ ...shares, ...down }).map(([name, share]): ScoredPart => {
          return { share, weight: weights[name as keyof typeof weights], critical: false };
        }),
      );
    assert.equal(scored({}), 100);
    assert.equal(scored({ n8n: 0 }), 65);
    assert.equal(scored({ database: 0 }), 55);
    assert.equal(scored({ database: 0, n8n: 0 }), 20);
    assert.deepEqual(
      [100, 70, 69, 30, 29, 0].map((score) => statusOf(score)),
      ['ok', 'ok', 'degraded', 'degraded', 'error', 'error'],
    );
  });

  it('is 100 without parts, and without weights', () => {
    assert.equal(scoreOf([]), 100);
    assert.equal(scoreOf([{ share: 0, weight: 0, critical: false }]), 100);
  });

  it('counts a critical part also if it has no weight', () => {
    assert.equal(scoreOf([{ share: 0, weight: 0, critical: true }]), 29);
    assert.equal(scoreOf([{ share: 0.5, weight: 0, critical: true }]), 69);
  });

  it('is a whole number from 0 to 100, and no order of the parts matters', () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
        const score = scoreOf(parts);
        assert.ok(Number.isInteger(score) && score >= 0 && score <= 100);
        assert.ok(Math.abs(scoreOf(parts.toReversed()) - score) <= 1);
      }),
      { seed: SEED },
    );
  });

  it('never rises when a part gets worse', () => {
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 20 }), fc.nat(), (parts, at) => {
        const index = at % parts.length;
        const worse = parts.map((it, its) => (its === index ? { ...it, share: it.share / 2 } : it));
        assert.ok(scoreOf(worse) <= scoreOf(parts));
      }),
      { seed: SEED },
    );
  });

  it('agrees with the status: no critical part is down in ok or degraded, nor impaired in ok', () => {
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 20 }),
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 100 }),
        (parts, one, other) => {
          const thresholds = { okFrom: Math.max(one, other), degradedFrom: Math.min(one, other) };
          const status = statusOf(scoreOf(parts, thresholds), thresholds);
          const critical = parts.filter((it) => it.critical);
          if (critical.some(({ share }) => share === 0)) assert.equal(status, 'error');
          if (critical.some(({ share }) => share < 1)) assert.notEqual(status, 'ok');
        },
      ),
      { seed: SEED },
    );
  });
});
