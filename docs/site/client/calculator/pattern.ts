/** States of the dependency over five minutes, in cells of two seconds. */
export const KINDS = ['healthy', 'flaky', 'slow', 'failing', 'hanging'] as const;
export type Kind = (typeof KINDS)[number];

export const CELL_SECONDS = 2;
export const CELLS = 150;

/** Effect of each kind on a call. */
export const MEANING: Readonly<Record<Kind, string>> = {
  healthy: 'answers in 50 ms',
  flaky: 'every other call fails',
  slow: 'answers in 4 s',
  failing: 'fails in 30 ms',
  hanging: 'never answers',
};

export type Pattern = readonly Kind[];

const STRETCH = /(\d+)\s*s?\s+(healthy|flaky|slow|failing|hanging)/g;

/** Parses `60 healthy, 30 failing, …`: seconds and a state. The last state lasts until the end. */
export function readPattern(text: string): Pattern {
  const cells: Kind[] = [];
  for (const [, seconds, kind] of text.toLowerCase().matchAll(STRETCH)) {
    const count = Math.round(Number(seconds) / CELL_SECONDS);
    cells.push(...Array.from({ length: Math.min(count, CELLS) }, () => kind as Kind));
  }
  const last = cells.at(-1) ?? 'healthy';
  return Array.from({ length: CELLS }, (_, index) => cells[index] ?? last);
}

/** Returns the text that {@link readPattern} parses into `pattern`. */
export function writePattern(pattern: Pattern): string {
  const stretches: { kind: Kind; cells: number }[] = [];
  for (const kind of pattern) {
    const last = stretches.at(-1);
    if (last?.kind === kind) last.cells += 1;
    else stretches.push({ kind, cells: 1 });
  }
  return stretches.map(({ kind, cells }) => `${cells * CELL_SECONDS} ${kind}`).join(', ');
}

/** Patterns to choose from, by their labels. */
export const EXAMPLES: Readonly<Record<string, string>> = {
  'It hangs for a minute': '60 healthy, 60 hanging, 180 healthy',
  'It fails for a minute': '60 healthy, 60 failing, 180 healthy',
  'It gets slow': '60 healthy, 90 slow, 150 healthy',
  'Half of the calls fail': '60 healthy, 120 flaky, 120 healthy',
  'It flaps':
    '40 healthy, 16 failing, 24 healthy, 16 failing, 24 healthy, 16 failing, 24 healthy, 16 failing, 124 healthy',
  'All is well': '300 healthy',
};
