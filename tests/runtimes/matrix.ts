/** The runtimes and what held in them, as a table of Markdown. */
import type { Report } from './inside/suite.ts';

const head = ['Runtime', 'Backend', 'Vectors', 'Checks'];

export function matrix(reports: readonly Report[]): string {
  const rows = reports.map(({ runtime, backend, vectors, checks }) => [
    runtime,
    backend,
    String(vectors),
    String(checks),
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] as number)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
