import assert from 'node:assert/strict';
import { it } from 'node:test';
import { printed } from '../src/doctor/cli/printing.ts';
import type { Finding } from '../src/doctor/rule.ts';

const found: Finding = {
  code: 'no-jitter',
  severity: 'warning',
  subject: 'Circuit breaker a',
  message: 'm',
  advice: 'A.',
};
const report = {
  breakers: 1,
  pipelines: 0,
  sources: 0,
  findings: [found, { ...found, code: 'b', severity: 'error' as const }],
};

it('what is found is put together by its subject, and counted', () => {
  assert.equal(
    printed(report, false),
    'Circuit breaker a\n  warning: m (no-jitter)\n    A.\n  error: m (b)\n    A.\n\n1 breaker, 0 pipelines: 1 error, 1 warning\n',
  );
});

it('colours are added where they are wanted, and nothing else is', () => {
  const escapes = new RegExp(String.raw`${String.fromCodePoint(27)}\[(?<code>\d+)m`, 'g');
  const coloured = printed(report, true);
  assert.equal(coloured.replaceAll(escapes, ''), printed(report, false));
  const codes = [...coloured.matchAll(escapes)].map(({ groups }) => groups?.['code']);
  assert.deepEqual(codes, ['1', '0', '33', '0', '2', '0', '31', '0', '2', '0']);
});
