/** Returns the results of all runners as a table of text. */
export function table(results) {
  const rows = results.map(({ name, passed, failed, seconds, note }) => [
    name,
    String(passed),
    String(failed),
    seconds.toFixed(1),
    note,
  ]);
  const lines = [['runner', 'passed', 'failed', 'seconds', ''], ...rows];
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) =>
          column >= 1 && column <= 3 ? cell.padStart(widths[column]) : cell.padEnd(widths[column]),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
