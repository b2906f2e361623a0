/** Returns `, did you mean X?` if one of the names is similar to the input, or `''`. */
export function suggestion(input: unknown, names: Iterable<string>): string {
  const nearest = typeof input === 'string' ? nearestName(input, names) : undefined;
  return nearest === undefined ? '' : `, did you mean ${nearest}?`;
}

/**
 * Returns the name with the fewest edits, ignoring case, or undefined if none is similar. A name is similar if at most a
 * third of the letters after the common prefix differ, or two of them.
 */
function nearestName(input: string, names: Iterable<string>): string | undefined {
  const upperInput = input.toUpperCase();
  let nearest: string | undefined;
  let fewestEdits = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const [from, to] = withoutCommonPrefix(upperInput, name.toUpperCase());
    const length = Math.max(from.length, to.length);
    const maxEdits = Math.min(length, Math.max(2, Math.floor(length / 3)));
    const edits = levenshteinDistance(from, to);
    if (edits <= maxEdits && edits < fewestEdits) [nearest, fewestEdits] = [name, edits];
  }
  return nearest;
}

function withoutCommonPrefix(one: string, other: string): readonly [string, string] {
  let start = 0;
  while (start < one.length && one[start] === other[start]) start++;
  return [one.slice(start), other.slice(start)];
}

/** Returns the number of letters to insert, delete or replace. */
function levenshteinDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (row[column - 1] as number) + (letter === to[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[column] as number) + 1, (next[column - 1] as number) + 1));
    }
    row = next;
  }
  return row[to.length] as number;
}
