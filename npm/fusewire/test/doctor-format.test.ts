import assert from 'node:assert/strict';
import { it } from 'node:test';
import { formatReport } from '../src/doctor/cli/format.ts';
import type { Diagnostic } from '../src/doctor/diagnostic.ts';

const diagnostic: Diagnostic = {
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
  diagnostics: [diagnostic, { ...diagnostic, code: 'b', severity: 'error' as const }],
};

it('formatReport() groups the diagnostics by subject and counts them', () => {
  assert.equal(
    formatReport(report, false),
    'Circuit breaker a\n  warning: m (no-jitter)\n    A.\n  error: m (b)\n    A.\n\n1 breaker, 0 pipelines: 1 error, 1 warning\n',
  );
});

it('formatReport() adds colours, and changes no text, where colour is on', () => {
  const escapes = new RegExp(String.raw`${String.fromCodePoint(27)}\[(?<code>\d+)m`, 'g');
  const coloured = formatReport(report, true);
  assert.equal(coloured.replaceAll(escapes, ''), formatReport(report, false));
  const codes = [...coloured.matchAll(escapes)].map(({ groups }) => groups?.['code']);
  assert.deepEqual(codes, ['1', '0', '33', '0', '2', '0', '31', '0', '2', '0']);
});
