import type { Finding, Rule, Severity } from '../rule.ts';

/** What was looked at, and what was found. */
export interface Report {
  readonly breakers: number;
  readonly pipelines: number;
  /** Files of sources that were looked through. */
  readonly sources: number;
  readonly findings: readonly Finding[];
}

const COLOURS: Readonly<Record<Severity, number>> = { error: 31, warning: 33, note: 36 };
const BOLD = 1;
const DIM = 2;
const SEVERITIES = Object.keys(COLOURS) as Severity[];
const INDENT = '  ';

/** The report for a person. */
export function printed({ breakers, pipelines, sources, findings }: Report, coloured: boolean): string {
  const paint = (code: number, text: string) => (coloured ? `\u001B[${code}m${text}\u001B[0m` : text);
  const lines: string[] = [];
  for (const [subject, found] of bySubject(findings)) {
    lines.push(paint(BOLD, subject));
    for (const { severity, code, message, advice } of found) {
      lines.push(`${INDENT}${paint(COLOURS[severity], `${severity}:`)} ${message} ${paint(DIM, `(${code})`)}`);
      lines.push(`${INDENT}${INDENT}${advice}`);
    }
    lines.push('');
  }
  const inSources = sources > 0 ? `, ${count(sources, 'source')}` : '';
  const looked = `${count(breakers, 'breaker')}, ${count(pipelines, 'pipeline')}${inSources}`;
  const numbers = SEVERITIES.map((severity) => [
    severity,
    findings.filter((each) => each.severity === severity).length,
  ]);
  const told = numbers
    .filter(([, number]) => number !== 0)
    .map(([severity, number]) => count(Number(number), `${severity}`));
  lines.push(`${looked}: ${told.length === 0 ? 'nothing found' : told.join(', ')}`);
  return `${lines.join('\n')}\n`;
}

/** Everything that is looked for, and why. */
export function printedRules(rules: readonly Rule[]): string {
  return rules
    .map(({ code, severity, reason, advice }) => `${code} (${severity})\n${INDENT}${reason}\n${INDENT}${advice}\n`)
    .join('\n');
}

function bySubject(findings: readonly Finding[]): Map<string, Finding[]> {
  const subjects = new Map<string, Finding[]>();
  for (const found of findings) {
    const others = subjects.get(found.subject) ?? [];
    subjects.set(found.subject, [...others, found]);
  }
  return subjects;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
