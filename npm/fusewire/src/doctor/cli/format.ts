import type { Diagnostic, Severity } from '../diagnostic.ts';
import type { Rule } from '../rule.ts';

/** Result of one run of the doctor. */
export interface Report {
  /** Number of breakers checked. */
  readonly breakers: number;
  /** Number of pipelines checked. */
  readonly pipelines: number;
  /** Number of source files searched. */
  readonly sources: number;
  readonly diagnostics: readonly Diagnostic[];
}

const COLOURS: Readonly<Record<Severity, number>> = { error: 31, warning: 33, note: 36 };
const BOLD = 1;
const DIM = 2;
const SEVERITIES = Object.keys(COLOURS) as Severity[];
const INDENT = '  ';

/** Returns a report as text for a terminal, grouped by subject. */
export function formatReport({ breakers, pipelines, sources, diagnostics }: Report, coloured: boolean): string {
  const paint = (code: number, text: string) => (coloured ? `\u001B[${code}m${text}\u001B[0m` : text);
  const lines: string[] = [];
  for (const [subject, group] of bySubject(diagnostics)) {
    lines.push(paint(BOLD, subject));
    for (const { severity, code, message, advice } of group) {
      lines.push(`${INDENT}${paint(COLOURS[severity], `${severity}:`)} ${message} ${paint(DIM, `(${code})`)}`);
      lines.push(`${INDENT}${INDENT}${advice}`);
    }
    lines.push('');
  }
  const sourceCount = sources > 0 ? `, ${quantity(sources, 'source')}` : '';
  const checked = `${quantity(breakers, 'breaker')}, ${quantity(pipelines, 'pipeline')}${sourceCount}`;
  const totals = SEVERITIES.map((severity) => ({
    severity,
    total: diagnostics.filter((each) => each.severity === severity).length,
  }))
    .filter(({ total }) => total > 0)
    .map(({ severity, total }) => quantity(total, severity));
  lines.push(`${checked}: ${totals.length === 0 ? 'nothing found' : totals.join(', ')}`);
  return `${lines.join('\n')}\n`;
}

/** Returns a report as JSON, with the diagnostics under the key `findings`. */
export function formatJson({ diagnostics, ...counts }: Report): string {
  return `${JSON.stringify({ ...counts, findings: diagnostics }, undefined, 2)}\n`;
}

/** Returns the list of rules, each with its reason and its advice. */
export function formatRules(rules: readonly Rule[]): string {
  return rules
    .map(({ code, severity, reason, advice }) => `${code} (${severity})\n${INDENT}${reason}\n${INDENT}${advice}\n`)
    .join('\n');
}

function bySubject(diagnostics: readonly Diagnostic[]): Map<string, Diagnostic[]> {
  const groups = new Map<string, Diagnostic[]>();
  for (const diagnostic of diagnostics) {
    const group = groups.get(diagnostic.subject) ?? [];
    groups.set(diagnostic.subject, [...group, diagnostic]);
  }
  return groups;
}

function quantity(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
