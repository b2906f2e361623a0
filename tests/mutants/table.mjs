// The ends of all mutants, as a table of text.

const HEAD = ['mutants of', 'mutants', 'killed', 'timed out', 'with a reason', 'survived', 'score'];

/** Ends that count as killed: a mutant that timed out, too. A survivor with a stated reason does not count. */
export function results(rows) {
  const lines = rows.map(({ name, killed, timeouts, excused, survived }) => {
    const noticed = killed + timeouts;
    const judged = noticed + survived;
    const score = `${((100 * noticed) / judged).toFixed(1)} %`;
    return [name, judged + excused, killed, timeouts, excused, survived, score].map(String);
  });
  const widths = HEAD.map((_, column) => Math.max(...[HEAD, ...lines].map((line) => line[column].length)));
  const aligned = (cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]));
  return [HEAD, ...lines].map((line) => line.map(aligned).join('  ')).join('\n');
}
