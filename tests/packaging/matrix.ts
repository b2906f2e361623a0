/** Tests of tools with the package. Each is one row of a table: tool, version, scenario, backend, result. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { versionOf } from './project.ts';

const rows = [['Tool', 'Version', 'What', 'Backend', 'Result']];

/** Defines a test of a tool with the package. `run` resolves with the backend that ran. */
export function holds(tool: string, what: string, run: () => Promise<string>): void {
  test(`${tool}: ${what}`, async () => {
    const row = [tool, tool === 'node' ? process.versions.node : versionOf(tool), what, '', 'failed'];
    rows.push(row);
    row[3] = await run();
    row[4] = 'passed';
  });
}

/** Checks that all tests of a runner passed. The tests check the backend themselves. */
export function passed(count: number, results: string): string {
  const { numPassedTests, numTotalTests } = JSON.parse(results);
  assert.deepEqual([numPassedTests, numTotalTests], [count, count]);
  return 'wasm';
}

/** Returns the table in Markdown. */
export function matrix(): string {
  const [head = [], ...body] = rows;
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}
