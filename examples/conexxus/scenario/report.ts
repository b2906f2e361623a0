/** Output of the scenario, and its checks. */
export class Report {
  #failed = 0;
  #count = 0;

  title(text: string): void {
    console.log(`\n${text}`);
  }

  line(text: string): void {
    console.log(`   ${text}`);
  }

  check(claim: string, holds: boolean): void {
    this.#count++;
    if (!holds) this.#failed++;
    console.log(`   ${holds ? '✓' : '✗'} ${claim}`);
  }

  /** Prints rows in columns. */
  table(rows: readonly (readonly string[])[]): void {
    const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
    for (const row of rows)
      this.line(
        row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('   ')
          .trimEnd(),
      );
  }

  /** Prints the end, and returns the exit code. */
  end(): number {
    const ending = this.#failed === 0 ? 'all checks hold' : `${this.#failed} checks do not hold`;
    console.log(`\n${this.#count} checks: ${ending}`);
    return this.#failed === 0 ? 0 : 1;
  }
}

/** Returns milliseconds as text. */
export function shown(milliseconds: number): string {
  if (milliseconds >= 1_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  return `${milliseconds.toFixed(milliseconds < 10 ? 3 : 0)} ms`;
}

/** Returns the value below which the given share of the numbers is. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

/** Runs `work` and returns how long it took, whether it failed or not. */
export async function timed(work: () => Promise<unknown>): Promise<{ took: number; error: Error | undefined }> {
  const begin = performance.now();
  const error = await work().then(
    () => undefined,
    (failure: Error) => failure,
  );
  return { took: performance.now() - begin, error };
}
