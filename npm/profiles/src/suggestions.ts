/** `, did you mean X?` where one of the names is near enough to be meant. */
export function suggestion(given: unknown, names: Iterable<string>): string {
  const nearest = typeof given === 'string' ? nearestOf(given, names) : undefined;
  return nearest === undefined ? '' : `, did you mean ${nearest}?`;
}

/** The name that takes the fewest changes, if they are few beside what the two do not begin with together. */
function nearestOf(given: string, names: Iterable<string>): string | undefined {
  const wanted = given.toUpperCase();
  let nearest: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const name of names) {
    const [from, to] = withoutCommonStart(wanted, name.toUpperCase());
    const length = Math.max(from.length, to.length);
    const most = Math.min(length, Math.max(2, Math.floor(length / 3)));
    const changes = distance(from, to);
    if (changes <= most && changes < least) [nearest, least] = [name, changes];
  }
  return nearest;
}

function withoutCommonStart(one: string, other: string): readonly [string, string] {
  let start = 0;
  while (start < one.length && one[start] === other[start]) start++;
  return [one.slice(start), other.slice(start)];
}

/** How many letters are to be added, left out or replaced: the distance of Levenshtein. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [at, letter] of [...from].entries()) {
    const next = [at + 1];
    for (let index = 1; index <= to.length; index++) {
      const replaced = (row[index - 1] as number) + (letter === to[index - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[index] as number) + 1, (next[index - 1] as number) + 1));
    }
    row = next;
  }
  return row[to.length] as number;
}
